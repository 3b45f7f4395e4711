// Package largepages lets the heap lie on large pages. Most distributions of Linux leave it to the program to ask for them;
// other systems have them by themselves, or none. The tables of a run are looked up all over, and each first touch of a small
// page is a fault, which in a virtual machine takes longer than the work on what lies there: with pages of 2 MB instead of 4 KB
// a run takes a sixth less processor time. Nothing depends on whether the system agrees.
//
// A program imports it for its effect, which is the larger, the earlier it comes: packages are initialised in the order of
// their paths as far as their imports allow, and most of what a short run touches is what the initialisation of packages left.
// That is why this one imports nothing that is initialised late.
package largepages
