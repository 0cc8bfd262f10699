// Command timestamp is sigstore's timestamp authority on loopback. The released command also listens
// for metrics, on a fixed port of all interfaces, and dies when that is taken.
package main

import (
	"flag"
	"log"
	"time"

	"github.com/sigstore/timestamp-authority/v2/pkg/server"
	"github.com/spf13/viper"
)

const policy = "1.3.6.1.4.1.57264.2"

func main() {
	port := flag.Int("port", 0, "port on 127.0.0.1")
	key := flag.String("key", "", "PEM file of the authority's key")
	chain := flag.String("chain", "", "PEM file of its certificates, its own first")
	flag.Parse()

	for name, value := range map[string]any{
		"timestamp-signer":         "file",
		"timestamp-signer-hash":    "sha256",
		"file-signer-key-path":     *key,
		"certificate-chain-path":   *chain,
		"enforce-intermediate-eku": true,
		"default-policy-oid":       policy,
		"accepted-policy-oids":     []string{policy},
		"max-request-body-size":    uint64(1 << 20),
	} {
		viper.Set(name, value)
	}
	const patience = 10 * time.Second
	authority := server.NewRestAPIServer("127.0.0.1", *port, []string{"http"}, false, patience, patience)
	log.Fatal(authority.Serve())
}
