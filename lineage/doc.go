// Package lineage knows who begat whom on one Mac: executions, process lives, responsibility over time, login sessions and
// connections to services, kept from messages alone.
package lineage
