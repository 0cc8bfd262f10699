// Command issuer is an OpenID Connect issuer for tests: it signs an identity token with whatever
// claims one asks for. Loopback only.
//
//	GET /token?email=NAME[&audience=sigstore][&seconds=600][&CLAIM=TEXT]...
package main

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"flag"
	"log"
	"math/big"
	"net/http"
	"strconv"
	"time"
)

type object = map[string]any

func main() {
	address := flag.String("address", "127.0.0.1:0", "where HTTP is spoken")
	issuer := flag.String("issuer", "", "what the tokens say they are from")
	flag.Parse()
	key, err := rsa.GenerateKey(rand.Reader, 2048) // RS256: cosign takes no other token as text
	if err != nil {
		log.Fatal(err)
	}
	http.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, object{
			"issuer":                                *issuer,
			"jwks_uri":                              *issuer + "/keys",
			"authorization_endpoint":                *issuer + "/authorize",
			"token_endpoint":                        *issuer + "/token",
			"response_types_supported":              []string{"code"},
			"subject_types_supported":               []string{"public"},
			"id_token_signing_alg_values_supported": []string{"RS256"},
		})
	})
	http.HandleFunc("/keys", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, object{"keys": []object{{"kty": "RSA", "alg": "RS256", "use": "sig", "kid": "1",
			"n": text(key.N.Bytes()), "e": text(big.NewInt(int64(key.E)).Bytes())}}})
	})
	http.HandleFunc("/token", func(w http.ResponseWriter, r *http.Request) {
		now := time.Now().Unix()
		claims := object{"iss": *issuer, "aud": "sigstore", "iat": now - 5, "nbf": now - 5, "exp": now + 600}
		for name, values := range r.URL.Query() {
			switch value := values[0]; name {
			case "seconds":
				seconds, err := strconv.ParseInt(value, 10, 64)
				if err != nil {
					http.Error(w, err.Error(), http.StatusBadRequest)
					return
				}
				claims["exp"] = now + seconds
			case "audience":
				claims["aud"] = value
			case "email":
				claims["email"], claims["email_verified"], claims["sub"] = value, true, value
			default:
				claims[name] = value
			}
		}
		body, err := json.Marshal(claims)
		if err != nil {
			log.Fatal(err)
		}
		signed := text([]byte(`{"alg":"RS256","kid":"1","typ":"JWT"}`)) + "." + text(body)
		hash := sha256.Sum256([]byte(signed))
		signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, hash[:])
		if err != nil {
			log.Fatal(err)
		}
		_, _ = w.Write([]byte(signed + "." + text(signature)))
	})
	log.Fatal(http.ListenAndServe(*address, nil))
}

func text(bytes []byte) string { return base64.RawURLEncoding.EncodeToString(bytes) }

func answer(w http.ResponseWriter, value object) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(value)
}
