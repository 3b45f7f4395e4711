package score

import "math"

// Count is how many of how many, in one recording.
type Count struct{ Right, Of int }

// Share is a share of right answers with the interval that it is known within.
type Share struct {
	Right, Of int     // over all recordings
	Units     int     // recordings that gave at least one
	Low, High float64 // 95 %
}

// Point is the share itself; 1 of nothing.
func (s Share) Point() float64 {
	if s.Of == 0 {
		return 1
	}
	return float64(s.Right) / float64(s.Of)
}

// z is the two-sided 95 % quantile of the normal distribution.
const z = 1.959963984540054

// ShareOf sums up counts, one a recording.
//
// The unit is the recording: what happens in one is of one story and right or wrong together, so that answers of one recording are
// no independent trials. The interval is Wilson's with an effective number of trials instead of the number of answers: Kish's
// (Σn)²/Σn² over the recordings' numbers n, which takes the answers of one recording as a single trial, or the number that
// the variance between recordings gives, where that is smaller still.
func ShareOf(counts []Count) Share {
	var s Share
	var squares float64
	for _, c := range counts {
		if c.Of == 0 {
			continue
		}
		s.Right += c.Right
		s.Of += c.Of
		s.Units++
		squares += float64(c.Of) * float64(c.Of)
	}
	if s.Of == 0 {
		s.Low, s.High = 0, 1
		return s
	}
	n := float64(s.Of)
	p := float64(s.Right) / n
	trials := n * n / squares
	if v := between(counts, p, n, s.Units); v > 0 {
		trials = min(trials, max(p*(1-p)/v, 1))
	}
	mid := (p + z*z/(2*trials)) / (1 + z*z/trials)
	half := z / (1 + z*z/trials) * math.Sqrt(p*(1-p)/trials+z*z/(4*trials*trials))
	s.Low, s.High = max(mid-half, 0), min(mid+half, 1)
	// Where all or none were right the bound is exact, and the arithmetic above misses it by its rounding.
	switch s.Right {
	case s.Of:
		s.High = 1
	case 0:
		s.Low = 0
	}
	return s
}

// between is the variance of p as a ratio of sums over recordings, from how recordings differ.
func between(counts []Count, p, n float64, units int) float64 {
	if units < 2 {
		return 0
	}
	var sum float64
	for _, c := range counts {
		d := float64(c.Right) - p*float64(c.Of)
		sum += d * d
	}
	return sum / (n * n) * float64(units) / float64(units-1)
}
