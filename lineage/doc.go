// Package lineage knows who begat whom on one Mac: executions, process lives, who answers for them over time, login
// sessions, and connections to services, kept from Endpoint Security messages alone.
//
// A [Tracker] is a state machine: it is fed messages in their order, each with its [es.Moment], and answers questions about
// what it was told. It has no clock and looks nothing up, so that the same messages give the same answers everywhere.
//
// # What a message is enough for
//
// Every message describes its own process completely, so whoever acts is known from then on: an unknown actor is created,
// never dropped. Each fact carries where it came from ([Origin]): an exec and a fork tell most, a snapshot less, a message
// by the way least, and what was bridged is [OriginInferred].
//
//   - (pid, pidversion) is one [Execution], that is one program image in one process: pidversion is a machine-wide counter,
//     stepped at every fork and every exec. (pid, start time) is one life: a new key in a known life is the next image,
//     also where its exec was lost. An image stays addressable after its exec, for it closes its descriptors then.
//   - A bare pid names an execution only in the time of that execution: it must have been made before the child in question
//     and not have been seen to exit before. A pid that comes back under another start time is another life, and closes the
//     first.
//   - The responsible token "may be the process itself" once the responsible process has exited: [Tracker.ResponsibleAt]
//     has the values that were valid before, of the same process over all its images.
//   - Pidversions that were passed over are forks and execs that nobody told of ([Tracker.UnseenBetween]).
//   - Another image under a known key is a conflict, kept in [Execution.OtherImages] and told by [Tracker.NamedAs]: the
//     service's own pid and pidversion with the path of xpcproxy is one of the readings of the case that this program began
//     with.
//
// # Bounds
//
// [Limits] are counts, counted bytes and event time. What has ended goes first, the oldest first, unless something alive or
// an open draft ([Tracker.Retain]) came from it; evictions are counted in [Stats] and answered by [Tracker.Forgotten] and
// [EdgeForgotten], for they lower certainty. No walk is without end and no lineage has a cycle, whatever the messages say.
package lineage
