//go:build !amd64

package eslogger

import (
	"unsafe"

	"ascribe.example/es"
)

// wide is what only some amd64 processors are.
var wide = false

func wideToken(unsafe.Pointer, *es.AuditToken) int { return 0 }

func wideStat(unsafe.Pointer, *es.Stat, *statText) int { return 0 }

func wideBrace(unsafe.Pointer) int { return bad }
