// Package mix makes recordings of any length for measuring: lines as eslogger writes them, one after another, in constant
// memory. The same name and the same seed give the same bytes.
//
// What happens is planned by small acts (a save, a copy, a compiler's run) that many executions are in the midst of at a
// time; their messages come interleaved. Every object has its keys in random order ([OneOrder] says otherwise), slashes
// are escaped, executions carry whole environments, as in real lines. The worst cases are made of the same parts.
//
// It is no model of macOS: internal/scenario is, and knows the truth of what it tells. This is fast instead, about a million
// lines a second, so that a hundred million can be made while they are read.
package mix
