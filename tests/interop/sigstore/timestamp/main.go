// Command timestamp is sigstore's timestamp authority on loopback. The released command also listens
// for metrics, on a fixed port of all interfaces, and dies when that is taken. With -ahead its clock is
// fast, which no released command can be.
package main

import (
	"crypto"
	"encoding/asn1"
	"flag"
	"io"
	"log"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/digitorus/timestamp"
	"github.com/sigstore/sigstore/pkg/cryptoutils"
	"github.com/sigstore/timestamp-authority/v2/pkg/server"
	"github.com/spf13/viper"
)

const policy = "1.3.6.1.4.1.57264.2"

const patience = 10 * time.Second

func main() {
	port := flag.Int("port", 0, "port on 127.0.0.1")
	key := flag.String("key", "", "PEM file of the authority's key")
	chain := flag.String("chain", "", "PEM file of its certificates, its own first")
	ahead := flag.Duration("ahead", 0, "how fast its clock is")
	flag.Parse()

	if *ahead != 0 {
		log.Fatal(serveAhead(*port, *key, *chain, *ahead))
	}
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
	authority := server.NewRestAPIServer("127.0.0.1", *port, []string{"http"}, false, patience, patience)
	log.Fatal(authority.Serve())
}

// serveAhead answers what the released server answers, of a time to come.
func serveAhead(port int, keyFile, chainFile string, ahead time.Duration) error {
	pem, err := os.ReadFile(keyFile)
	if err != nil {
		return err
	}
	key, err := cryptoutils.UnmarshalPEMToPrivateKey(pem, cryptoutils.SkipPassword)
	if err != nil {
		return err
	}
	pem, err = os.ReadFile(chainFile)
	if err != nil {
		return err
	}
	chain, err := cryptoutils.UnmarshalCertificatesFromPEM(pem)
	if err != nil {
		return err
	}
	http.HandleFunc("/ping", func(http.ResponseWriter, *http.Request) {})
	http.HandleFunc("/api/v1/timestamp", func(out http.ResponseWriter, in *http.Request) {
		query, _ := io.ReadAll(in.Body)
		asked, err := timestamp.ParseRequest(query)
		if err != nil {
			http.Error(out, err.Error(), http.StatusBadRequest)
			return
		}
		token := timestamp.Timestamp{
			HashAlgorithm:     asked.HashAlgorithm,
			HashedMessage:     asked.HashedMessage,
			Time:              time.Now().Add(ahead).UTC(),
			Nonce:             asked.Nonce,
			Policy:            asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 57264, 2},
			Accuracy:          time.Second,
			AddTSACertificate: asked.Certificates,
		}
		answer, err := token.CreateResponseWithOpts(chain[0], key.(crypto.Signer), crypto.SHA256)
		if err != nil {
			http.Error(out, err.Error(), http.StatusInternalServerError)
			return
		}
		out.Header().Set("Content-Type", "application/timestamp-reply")
		_, _ = out.Write(answer)
	})
	return http.ListenAndServe("127.0.0.1:"+strconv.Itoa(port), nil)
}
