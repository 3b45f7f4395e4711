// Package storetest starts a PostgreSQL server for tests and measurements.
package storetest

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// StartPostgres makes a cluster in a folder of its own, which goes when it is stopped. It listens on a socket in that folder
// alone. It runs as another user where we are root, as PostgreSQL refuses to run as root. settings are those of its
// configuration, as name=value.
func StartPostgres(settings ...string) (url string, stop func(), err error) {
	initdb := program("initdb")
	if initdb == "" {
		return "", nil, fmt.Errorf("initdb was not found: install postgresql")
	}
	dir, err := os.MkdirTemp("", "pg")
	if err != nil {
		return "", nil, err
	}
	gone := func() { _ = os.RemoveAll(dir) }
	as := &syscall.SysProcAttr{}
	if os.Getuid() == 0 {
		u, err := user.Lookup("postgres")
		if err != nil {
			if u, err = user.Lookup("nobody"); err != nil {
				gone()
				return "", nil, err
			}
		}
		uid, _ := strconv.ParseUint(u.Uid, 10, 32)
		gid, _ := strconv.ParseUint(u.Gid, 10, 32)
		as.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		if err := os.Chown(dir, int(uid), int(gid)); err != nil {
			gone()
			return "", nil, err
		}
	}
	data := filepath.Join(dir, "data")
	command := func(name string, args ...string) *exec.Cmd {
		c := exec.Command(name, args...)
		c.SysProcAttr, c.Dir = as, dir
		return c
	}
	if out, err := command(initdb, "-D", data, "-U", "tester", "-A", "trust", "-N", "-E", "UTF8", "--locale=C").CombinedOutput(); err != nil {
		gone()
		return "", nil, fmt.Errorf("initdb: %w: %s", err, out)
	}
	var log bytes.Buffer
	args := []string{"-D", data, "-k", dir, "-c", "listen_addresses="}
	for _, s := range settings {
		args = append(args, "-c", s)
	}
	pg := command(program("postgres"), args...)
	pg.Stdout, pg.Stderr = &log, &log
	if err := pg.Start(); err != nil {
		gone()
		return "", nil, err
	}
	stop = func() {
		_ = pg.Process.Signal(syscall.SIGINT) // end connections, and stop
		_ = pg.Wait()
		gone()
	}
	url = "postgres://tester@/postgres?host=" + dir
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		conn, err := pgx.Connect(context.Background(), url)
		if err == nil {
			_ = conn.Close(context.Background())
			return url, stop, nil
		}
		if time.Now().After(deadline) {
			stop()
			return "", nil, fmt.Errorf("it does not answer: %w: %s", err, log.String())
		}
	}
}

// program finds a program of PostgreSQL: Debian keeps them out of the PATH.
func program(name string) string {
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	slices.Sort(found)
	if len(found) == 0 {
		return ""
	}
	return found[len(found)-1]
}
