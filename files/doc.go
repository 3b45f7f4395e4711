// Package files knows which file was where on one Mac: identity, names over time, who opened, wrote, created and mapped it,
// volumes and mounts, kept from messages alone.
package files
