// Package query answers questions from findings: which finding has this id ([Finder]), what happened to this file under all
// its names ([Trail]), who created whom and who answers for whom ([Forest]), what would make an answer more certain
// ([Settle]), and what a recording can answer at all ([Judge]).
//
// A question takes findings one by one, in the order in which an engine tells them, and keeps what it needs of them.
package query
