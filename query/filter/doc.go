// Package filter is the language in which conditions over findings are written: CEL, over the fields that a finding's line
// of JSON has, under the same names. docs/filter.md is its manual.
//
// Conditions are typed: a field that does not exist, a word that a vocabulary does not have, or a comparison between things
// of different kinds is an error when the condition is compiled, and the error points at the word ([Error]).
//
// What is not known reads as it does in the line: text that is null is "", any other null is null. No comparison with null
// holds but == null and, of two different values, !=; what would need such a comparison does not hold either.
package filter
