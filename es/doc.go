// Package es is the event model: Endpoint Security messages as Go values, with Apple's names and no behaviour.
//
// It is the file that everybody reads first. A [Message] is one event as delivered: who acted ([Process]), what happened
// ([Event], one type an event kind), and the numbers that order it. Executions are named by [Key], that is (boot, pid,
// pidversion): a bare pid is reused, and the other words of an audit token change while an execution lives.
//
// # Who owns a message
//
// Strings and pointers inside a Message may point into buffers of the decoder that made it. A Message belongs to whoever
// it was handed to only until that call returns; what is kept must be copied ([strings.Clone], [Message.Clone]).
//
// # Unknown is not zero
//
// Keys that a message version does not have are unknown facts. Each field says how "unknown" looks: a zero token
// ([AuditToken.IsZero]), an empty string, a nil pointer, or a documented number.
package es
