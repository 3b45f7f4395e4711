package store

import (
	"fmt"
	"os"
	"sync/atomic"
	"testing"

	"ascribe.example/store/storetest"
)

// server is the PostgreSQL server that the tests start; "" where there is none.
var server string

func TestMain(m *testing.M) {
	if dir := os.Getenv(readOnlyChild); dir != "" {
		tryReadOnly(dir)
		return
	}
	url, stop, err := storetest.StartPostgres("fsync=off", "max_connections=40", "shared_buffers=64MB")
	if err != nil {
		fmt.Fprintln(os.Stderr, "tests on PostgreSQL are left out:", err)
		if os.Getenv("CI") == "true" {
			os.Exit(1)
		}
	}
	server = url
	code := m.Run()
	if stop != nil {
		stop()
	}
	os.Exit(code)
}

var schemas atomic.Int64

// freshSchema is the URL of a store that is not there yet; "" where there is no server.
func freshSchema(testing.TB) string {
	if server == "" {
		return ""
	}
	return fmt.Sprintf("%s&search_path=test'%d", server, schemas.Add(1))
}
