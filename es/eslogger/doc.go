// Package eslogger reads and writes the JSON of macOS's eslogger(1) as [es.Message] values.
//
// A [Decoder] takes one JSON value at a time, compact or pretty, of message versions 6 to 11 and of versions it does not
// know. Keys may come in any order and audit tokens as objects or as eight numbers. What a version does not have is
// unknown in the message, as [es] documents it. Other forms of ES messages (Jamf's, Santa's, Mac Monitor's before 2.2) are
// read as far as their keys are the same.
//
// # What is a message
//
// An object with a member "process" whose "audit_token" has a "pid", and a member "event", an object with exactly one
// member: the event's short name and its body. Everything else may be missing. Events outside the engine's list become
// [es.Other], with their body as it stood.
//
// # What is tolerated, and counted
//
// Unknown keys, events and versions are counted in [Stats]. A known key whose value has another type, or does not fit
// (a pid beyond 32 bits), is taken as unknown and counted too; null is as good as absent. Whole numbers are taken signed
// or unsigned, so an audit user id of -1 and of 4294967295 are the same. Of duplicate keys the last one counts.
// Strings decode as encoding/json decodes them: lone surrogates and bytes that are not UTF-8 become U+FFFD. The file
// shapes.txt lists all keys; it marks as a guess what no real line has shown yet.
//
// # Speed
//
// What eslogger writes is decoded in one pass, without reflection and without allocating for each line. JSON that is valid
// but unusual (keys with escapes, duplicate keys, fractions where whole numbers belong) goes through encoding/json to the
// same result, and is counted in Stats.Fallbacks.
//
// # Limits
//
// Values may nest 10,000 deep, as for encoding/json; deeper ones are refused. There is no limit to the length of a value
// or of a string in it, other than memory: the decoder keeps about as much as the longest value, or the longest batch,
// it has met lately.
package eslogger
