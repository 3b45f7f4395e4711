package finding

import "ascribe.example/es"

// AppendText appends s as a JSON string, escaped as [Append] escapes. It is for encoders of findings into other schemas.
func AppendText(dst []byte, s string) []byte { return appendText(dst, s) }

// AppendTime appends t as [Append] writes times: RFC 3339 in UTC with nine digits, in quotes; 0 is null.
func AppendTime(dst []byte, t es.Time) []byte { return appendTime(dst, t) }
