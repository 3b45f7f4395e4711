package mix

import "strconv"

// dice is splitmix64.
type dice uint64

func (d *dice) next() uint64 {
	*d += 0x9e3779b97f4a7c15
	z := uint64(*d)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// below is a number from 0 to n-1.
func (d *dice) below(n int) int { return int(d.next() >> 33 * uint64(n) >> 31) }

// object collects the members of one JSON object.
type object struct {
	text []byte
	ends [32]int
	n    int
}

func (o *object) reset() { o.text, o.n = o.text[:0], 0 }

func (o *object) key(name string) {
	o.text = append(append(append(o.text, '"'), name...), '"', ':')
}

func (o *object) end() {
	o.ends[o.n] = len(o.text)
	o.n++
}

func (o *object) int(name string, v int64) {
	o.key(name)
	o.text = strconv.AppendInt(o.text, v, 10)
	o.end()
}

func (o *object) uint(name string, v uint64) {
	o.key(name)
	o.text = strconv.AppendUint(o.text, v, 10)
	o.end()
}

func (o *object) bool(name string, v bool) {
	o.key(name)
	o.text = strconv.AppendBool(o.text, v)
	o.end()
}

// string adds a string that is escaped already.
func (o *object) string(name, v string) {
	o.key(name)
	o.text = append(append(append(o.text, '"'), v...), '"')
	o.end()
}

// raw adds a value as it stands.
func (o *object) raw(name string, v []byte) {
	o.key(name)
	o.text = append(o.text, v...)
	o.end()
}

func (o *object) literal(name, v string) {
	o.key(name)
	o.text = append(o.text, v...)
	o.end()
}

func (o *object) time(name string, t int64, c *calendar) {
	o.key(name)
	o.text = c.append(o.text, t, 9)
	o.end()
}

// appendTo writes the object, its members in random order.
func (o *object) appendTo(dst []byte, d *dice) []byte {
	var order [32]uint8
	var random uint64
	for i := range o.n {
		if i%8 == 0 {
			random = d.next()
		}
		j := int(random & 0xff * uint64(i+1) >> 8)
		random >>= 8
		order[i] = order[j]
		order[j] = uint8(i)
	}
	sep := byte('{')
	for _, i := range order[:o.n] {
		from := 0
		if i > 0 {
			from = o.ends[i-1]
		}
		dst = append(append(dst, sep), o.text[from:o.ends[i]]...)
		sep = ','
	}
	if o.n == 0 {
		dst = append(dst, '{')
	}
	return append(dst, '}')
}

// calendar writes times; it remembers the last day.
type calendar struct {
	day  int64
	text [11]byte // 2026-03-01T
}

const nanosADay = 86400 * 1e9

// append writes nanoseconds since 1970 with the given number of decimals, 6 or 9.
func (c *calendar) append(dst []byte, t int64, decimals int) []byte {
	day := t / nanosADay
	if day != c.day {
		c.day = day
		c.setDay(day)
	}
	rest := t % nanosADay
	sec, nanos := int(rest/1e9), int(rest%1e9)
	dst = append(append(dst, '"'), c.text[:]...)
	dst = append(two(append(two(append(two(dst, sec/3600), ':'), sec/60%60), ':'), sec%60), '.')
	if decimals == 6 {
		nanos /= 1000
	}
	at := len(dst)
	dst = append(dst, "000000000"[:decimals]...)
	for i := at + decimals - 1; nanos > 0; i-- {
		dst[i] = '0' + byte(nanos%10)
		nanos /= 10
	}
	return append(dst, 'Z', '"')
}

func two(dst []byte, v int) []byte { return append(dst, '0'+byte(v/10), '0'+byte(v%10)) }

// setDay turns a day number into a date, by the arithmetic of the civil calendar.
func (c *calendar) setDay(day int64) {
	z := day + 719468
	era := z / 146097
	ofEra := z - era*146097
	yearOfEra := (ofEra - ofEra/1460 + ofEra/36524 - ofEra/146096) / 365
	ofYear := ofEra - (365*yearOfEra + yearOfEra/4 - yearOfEra/100)
	shifted := (5*ofYear + 2) / 153
	month, year := shifted+3, yearOfEra+era*400
	if shifted >= 10 {
		month, year = shifted-9, year+1
	}
	b := strconv.AppendInt(c.text[:0], year, 10)
	b = two(append(b, '-'), int(month))
	b = two(append(b, '-'), int(ofYear-(153*shifted+2)/5+1))
	_ = append(b, 'T')
}
