package metrics

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Server answers scrapes.
type Server struct {
	listener net.Listener
	server   http.Server
	done     chan error
}

// ErrAddress is what [Metrics.Listen] returns for an address at which it will not serve, whoever may be listening there.
var ErrAddress = errors.New("not an address to serve at")

// Listen serves the metrics at /metrics of an address, "127.0.0.1:9301" for example. The address must be this machine's own
// loopback, unless anywhere is set: counts by action and class are nobody's business by default.
func (m *Metrics) Listen(address string, anywhere bool) (*Server, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("serve metrics at %q: %w: it is not HOST:PORT, as 127.0.0.1:9301 is", address, ErrAddress)
	}
	if !anywhere && !loopback(host) {
		return nil, fmt.Errorf("serve metrics at %q: %w: whoever reaches it could read them; name 127.0.0.1:%s, or give --metrics-anywhere", address, ErrAddress, port)
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("serve metrics at %s: %w", address, err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{}))
	var handler http.Handler = mux
	if !anywhere {
		handler = localOnly(mux)
	}
	s := &Server{listener: l, done: make(chan error, 1)}
	s.server = http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second, WriteTimeout: 30 * time.Second, MaxHeaderBytes: 16 << 10}
	go func() { s.done <- s.server.Serve(l) }()
	return s, nil
}

// localOnly refuses requests that a browser was talked into: their Host is the name by which a web page reached loopback.
func localOnly(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.Host)
		if err != nil {
			host = r.Host
		}
		if !loopback(host) {
			http.Error(w, "only for this machine", http.StatusForbidden)
			return
		}
		h.ServeHTTP(w, r)
	})
}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

// Address is where the server listens.
func (s *Server) Address() string { return s.listener.Addr().String() }

// Close ends the server.
func (s *Server) Close() error {
	err := s.server.Close()
	if served := <-s.done; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}
