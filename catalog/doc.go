// Package catalog knows programs and paths by sight: which program only starts others, which one works for whoever asks,
// which is a shell, a browser, an AI agent; which path is a Trash, a temporary name, a bundle.
//
// Programs are data, embedded from data/*.txt and extended with [Catalog.With]; docs/catalog.md documents the format. A
// program is known by what cannot be forged: for Apple's own the platform flag with the signing id or a path on the sealed
// system volume, for others the team id with the signing id. Never by name: anybody can call a program xpcproxy.
// What carries no such signature (Homebrew's builds, scripts that an interpreter runs) is matched by where it lies and
// says so: its strength is [Weak].
//
// The package imports nothing of ours and does no I/O. A Catalog never changes once made and may be shared.
package catalog
