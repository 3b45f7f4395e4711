// Package dist checks what a release is made of. Its tests have the build tag dist, because there is nothing to check until
// make snapshot has made it: that runs them.
package dist
