package lineage

// Told changes whenever the tracker was fed something new. While it stays as it was, the tracker says of every execution,
// session and connection what it said, but for when they were last heard of: what follows from that alone may be remembered.
// It says nothing across [Tracker.Save] and [Tracker.Restore].
func (t *Tracker) Told() uint64 { return t.told }
