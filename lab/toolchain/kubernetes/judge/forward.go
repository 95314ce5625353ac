package main

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"os"
	"time"
)

const dialTimeout = time.Second

// forwarders listens once for each member, and returns where: the recording client of etcd's speaks without TLS, our
// members only with a client's certificate.
func forwarders(members []string, ca, cert, key string) ([]string, error) {
	own, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		return nil, err
	}
	authority, err := os.ReadFile(ca)
	if err != nil {
		return nil, err
	}
	trusted := x509.NewCertPool()
	if !trusted.AppendCertsFromPEM(authority) {
		return nil, errors.New("no certificate in " + ca)
	}
	endpoints := []string{}
	for _, member := range members {
		listening, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		config := &tls.Config{RootCAs: trusted, Certificates: []tls.Certificate{own}, ServerName: member, NextProtos: []string{"h2"}}
		go accept(listening, net.JoinHostPort(member, "2379"), config)
		endpoints = append(endpoints, listening.Addr().String())
	}
	return endpoints, nil
}

func accept(listening net.Listener, member string, config *tls.Config) {
	for {
		from, err := listening.Accept()
		if err != nil {
			return
		}
		go forward(from, member, config)
	}
}

func forward(from net.Conn, member string, config *tls.Config) {
	defer from.Close()
	to, err := tls.DialWithDialer(&net.Dialer{Timeout: dialTimeout}, "tcp", member, config)
	if err != nil {
		return
	}
	defer to.Close()
	go func() {
		_, _ = io.Copy(to, from)
		to.Close()
	}()
	_, _ = io.Copy(from, to)
}
