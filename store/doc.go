// Package store keeps findings: in a folder of SQLite files, or in a PostgreSQL database. Each comes out as it went in, byte
// for byte the line that it had, and once, however often it was put in.
//
// [Open] takes the name of a folder, or a postgres:// URL. A [Store] answers questions as a [query.Source]; its [Writer], of
// which there is one at a time, adds findings in groups and keeps bookmarks with them in the same transaction.
//
// Findings lie in segments, in the order in which they came. The last segment is open: it is written to, and has no indexes.
// A full one is sealed: it gets its indexes, and a filter of the ids that it holds. Strings, and what else repeats itself, lie
// in a dictionary of each segment. docs/store.md has the layout.
package store
