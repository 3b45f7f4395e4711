module ascribe.example

go 1.26.8
