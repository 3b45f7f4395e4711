package main

import "flag"

var update = flag.Bool("update", false, "write expected output into the scripts anew; read the difference")
