// Command registry is a registry in memory with the OCI referrers API, for tests: it listens on a
// free loopback port and prints that port. With -certificate and -key it listens on a second port
// with TLS, over the same storage, and prints that one on a second line.
package main

import (
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"

	"github.com/google/go-containerregistry/pkg/registry"
)

func main() {
	certificate := flag.String("certificate", "", "PEM file; serve TLS as well")
	key := flag.String("key", "", "PEM file of the certificate's key")
	flag.Parse()

	quiet := log.New(io.Discard, "", 0)
	handler := registry.New(registry.WithReferrersSupport(true), registry.Logger(quiet))
	server := &http.Server{Handler: handler, ErrorLog: quiet}

	plain := listen()
	ports := fmt.Sprintln(port(plain))
	if *certificate != "" {
		secure := listen()
		ports += fmt.Sprintln(port(secure))
		go func() { log.Fatal(server.ServeTLS(secure, *certificate, *key)) }()
	}
	fmt.Print(ports)
	go func() {
		// The registry ends with whoever started it: its standard input closes then.
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	log.Fatal(server.Serve(plain))
}

func listen() net.Listener {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	return listener
}

func port(listener net.Listener) int {
	return listener.Addr().(*net.TCPAddr).Port
}
