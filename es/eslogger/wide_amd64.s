#include "go_asm.h"
#include "textflag.h"

// func wideToken(p unsafe.Pointer, t *es.AuditToken) int
//
// The text is in Z0 and Z1. A permutation of both takes eight bytes of it for each of the eight members at a time.
TEXT ·wideToken(SB), NOSPLIT, $64-24
	MOVQ p+0(FP), AX
	MOVQ t+8(FP), DI
	LEAQ ·tokenLanes(SB), SI
	VMOVDQU64 (AX), Z0
	VMOVDQU64 64(AX), Z1

	// Where the commas are, the colons, and the closing brace, which is never among the first 64 bytes.
	VMOVDQU64 lanes_brace(SI), Z2
	VPCMPEQB Z2, Z0, K5
	VPCMPEQB Z2, Z1, K6
	VMOVDQU64 lanes_comma(SI), Z3
	VPCMPEQB Z3, Z0, K1
	VPCMPEQB Z3, Z1, K2
	VMOVDQU64 lanes_colon(SI), Z4
	VPCMPEQB Z4, Z0, K3
	VPCMPEQB Z4, Z1, K4
	KMOVQ K6, CX
	KORTESTQ K5, K5
	JNE fail
	TESTQ CX, CX
	JEQ fail
	TZCNTQ CX, CX
	KMOVQ K1, R10
	KMOVQ K2, R11
	KMOVQ K3, R8
	KMOVQ K4, R9
	BZHIQ CX, R11, R11
	BZHIQ CX, R9, R9
	POPCNTQ R10, R12
	POPCNTQ R11, R13
	ADDQ R12, R13
	CMPQ R13, $7
	JNE fail
	POPCNTQ R8, BX
	POPCNTQ R9, DX
	ADDQ BX, DX
	CMPQ DX, $8
	JNE fail

	// Their places, a byte each: R10 the members' ends, R8 the colons, R9 the byte before each member.
	KMOVQ R11, K2
	KMOVQ R9, K4
	VMOVDQU64 lanes_places(SI), Z2
	VMOVDQU64 lanes_morePlaces(SI), Z3
	VPCOMPRESSB.Z Z2, K1, Z4
	VPCOMPRESSB.Z Z3, K2, Z5
	VPCOMPRESSB.Z Z2, K3, Z6
	VPCOMPRESSB.Z Z3, K4, Z7
	VMOVQ X4, R10
	VMOVQ X5, R11
	VMOVQ X6, R8
	VMOVQ X7, R9
	SHLQ $3, R12
	SHLXQ R12, R11, R11
	ORQ R11, R10
	LEAQ 64(CX), DX
	MOVQ DX, R13
	SHLQ $56, R13
	ORQ R13, R10
	SHLQ $3, BX
	SHLXQ BX, R9, R9
	ORQ R9, R8
	MOVQ R10, R9
	SHLQ $8, R9

	// Z4 ends, Z5 colons, Z6 beginnings, Z9 how many digits: each in all eight bytes of its member.
	VMOVQ R10, X4
	VMOVQ R8, X5
	VMOVQ R9, X6
	VMOVDQU64 lanes_spread(SI), Z7
	VMOVDQU64 lanes_one(SI), Z16
	VPERMB Z4, Z7, Z4
	VPERMB Z5, Z7, Z5
	VPERMB Z6, Z7, Z6
	VPADDB Z16, Z6, Z6
	VMOVDQU64 lanes_within(SI), Z8
	VPSUBB Z5, Z4, Z9
	VPSUBB Z16, Z9, Z9

	// The last eight digits.
	VPADDB lanes_lastDigits(SI), Z4, Z10
	VPERMI2B Z1, Z0, Z10
	VPADDB Z9, Z8, Z11
	VPCMPUB $6, lanes_seven(SI), Z11, K1
	VMOVDQU64 lanes_zero(SI), Z17
	VMOVDQU64 lanes_nine(SI), Z18
	VPSUBB.Z Z17, Z10, K1, Z10
	VPCMPUB $6, Z18, Z10, K2
	VMOVDQU64 lanes_tens(SI), Z19
	VPMADDUBSW Z19, Z10, Z10
	VPMADDWD lanes_hundreds(SI), Z10, Z10
	VPMULUDQ lanes_myriad(SI), Z10, Z11
	VPSRLQ $32, Z10, Z10
	VPADDQ Z11, Z10, Z10

	// The ninth and the tenth.
	VPADDB lanes_firstDigits(SI), Z4, Z12
	VPERMI2B Z1, Z0, Z12
	VPCMPUB $6, lanes_firstFrom(SI), Z9, K1
	VPSUBB.Z Z17, Z12, K1, Z12
	VPCMPUB $6, Z18, Z12, K3
	VPMADDUBSW Z19, Z12, Z12
	VPMULUDQ lanes_hundredMillion(SI), Z12, Z12
	VPADDQ Z12, Z10, Z10

	// No more than 32 bits, one to ten digits, no zero before others.
	VPSRLQ $32, Z10, Z11
	VPTESTMQ Z11, Z11, K4
	VPSUBB Z16, Z9, Z11
	VPCMPUB $6, Z18, Z11, K5
	VPADDB Z16, Z5, Z11
	VPERMI2B Z1, Z0, Z11
	VPCMPEQB Z17, Z11, K6
	VPCMPUB $6, Z16, Z9, K7
	KANDQ K6, K7, K6
	KORQ K2, K3, K2
	KORQ K4, K5, K4
	KORQ K2, K6, K2
	KORTESTQ K2, K4
	JNE fail

	// The keys: their numbers are Z14. Each is compared with the key of that number, and all numbers come once.
	VPADDB Z8, Z6, Z11
	VPADDB lanes_eight(SI), Z11, Z12
	VPERMI2B Z1, Z0, Z11
	VPERMI2B Z1, Z0, Z12
	VPSUBB Z6, Z5, Z13
	VPCMPUB $1, Z13, Z8, K1
	VMOVDQU64 lanes_after(SI), Z14
	VPCMPUB $1, Z13, Z14, K2
	VMOVDQU8.Z Z11, K1, Z11
	VMOVDQU8.Z Z12, K2, Z12
	VPSRLQ $8, Z11, Z14
	VPMULLD lanes_spreadKeys(SI), Z14, Z14
	VPSRLD $29, Z14, Z14
	VPANDQ lanes_low(SI), Z14, Z14
	VPERMQ lanes_keys(SI), Z14, Z15
	VPCMPEQQ Z15, Z11, K1
	VPERMQ lanes_keysMore(SI), Z14, Z15
	VPCMPEQQ Z15, Z12, K2
	VPERMQ lanes_lengths(SI), Z14, Z15
	VPCMPEQB Z15, Z13, K3
	KANDQ K1, K2, K1
	KMOVQ K1, R8
	KORTESTQ K3, K3
	JCC fail
	CMPQ R8, $255
	JNE fail
	VMOVDQU64 lanes_bit(SI), Z15
	VPSLLVQ Z14, Z15, Z15
	VPMOVQB Z15, X15
	VPXOR X11, X11, X11
	VPSADBW X11, X15, X15
	VMOVQ X15, R8
	CMPQ R8, $255
	JNE fail

	VPMOVQD Z14, Y14
	VPMOVQD Z10, Y10
	VMOVDQU Y14, key-64(SP)
	VMOVDQU Y10, number-32(SP)
#define STORE(at) \
	MOVL key-(64-at)(SP), R8 \
	MOVL number-(32-at)(SP), R9 \
	MOVL R9, (DI)(R8*4)
	STORE(0)
	STORE(4)
	STORE(8)
	STORE(12)
	STORE(16)
	STORE(20)
	STORE(24)
	STORE(28)
	INCQ DX
	MOVQ DX, ret+16(FP)
	VZEROUPPER
	RET

fail:
	MOVQ $0, ret+16(FP)
	VZEROUPPER
	RET

// func wideStat(p unsafe.Pointer, v *es.Stat, s *statText) int
//
// First all the places where members end are found, and then each member is read as if it were alone: they do not wait for one
// another. X4 and X5 gather bits that must be zero, R9 has a bit for each key seen.
TEXT ·wideStat(SB), NOSPLIT, $384-32
	MOVQ p+0(FP), AX
	MOVQ s+16(FP), DI
	LEAQ ·tokenLanes(SB), DX
	LEAQ ·statKeys(SB), SI
	VMOVDQU64 lanes_comma(DX), Z6
	VMOVDQU64 lanes_brace(DX), Z7
	VMOVDQU64 lanes_places(DX), Z9
	VMOVDQU64 lanes_one(DX), Z16
	MOVL $64, R12
	VPBROADCASTW R12, Y11
	VPXOR X10, X10, X10
	MOVL $16, R11
	MOVW $0, ends-98(SP)
	LEAQ ends-96(SP), R13
	XORL R9, R9
#define ENDS(at) \
	VPCMPEQB at(AX), Z6, K1 \
	VPCMPEQB at(AX), Z7, K2 \
	KORQ K1, K2, K1 \
	KMOVQ K1, R10 \
	VPCOMPRESSB.Z Z9, K1, Z1 \
	VPMOVZXBW X1, Y1 \
	VPADDW Y10, Y1, Y1 \
	VMOVDQU Y1, (R13)(R9*2) \
	POPCNTQ R10, R10 \
	ADDQ R10, R9 \
	CMPQ R9, R11 \
	CMOVQGT R11, R9 \
	VPADDW Y11, Y10, Y10
	ENDS(0)
	ENDS(64)
	ENDS(128)
	ENDS(192)
	ENDS(256)
	ENDS(320)
	ENDS(384)
	CMPQ R9, R11
	JNE fail
	MOVWLZX ends-66(SP), R10
	CMPB (AX)(R10*1), $0x7d
	JNE fail

	XORL R9, R9
	VPXOR X5, X5, X5
	MOVQ $0xffffffffffff0000, R12
	MOVL $15, R13
	LEAQ ends-96(SP), R11
	LEAQ digits-368(SP), DX

	// The last member first. R8 is where the comma before the key is, R10 where the value ends.
member:
	VMOVDQU Y5, Y4
	MOVWLZX -2(R11)(R13*2), R8
	MOVWLZX (R11)(R13*2), R10
	VMOVDQU (AX)(R8*1), Y1
	MOVL 5(AX)(R8*1), BX
	IMUL3L $const_statSpread, BX, BX
	SHRL $28, BX
	SHLL $6, BX
	VPXOR statKey_text(SI)(BX*1), Y1, Y1
	VPAND statKey_mask(SI)(BX*1), Y1, Y1
	VPOR Y1, Y5, Y5
	ORL statKey_bit(SI)(BX*1), R9
	ADDL statKey_length(SI)(BX*1), R8
	MOVL statKey_word(SI)(BX*1), BX
	MOVL R10, R15
	SUBL R8, R15
	MOVL R8, (statText_values+span_at)(DI)(BX*8)
	MOVL R15, (statText_values+span_length)(DI)(BX*8)

	// Its last sixteen digits, with NUL bytes before them; one in the text would be another byte.
	SHRXQ R15, R12, R14
	KMOVW R14, K3
	VPMAXUB.Z -16(AX)(R10*1), X16, K3, X2
	SHLL $4, BX
	VMOVDQU X2, (DX)(BX*1)
	DECL R13
	JGE member

	// All keys, each once. Before the first there is a brace.
	CMPL R9, $0xffff
	JNE fail
	MOVL $-2, R8
	KMOVD R8, K1
	VPTESTMB Y5, Y5, K1, K1
	VPTESTMB Y4, Y4, K2
	KORTESTD K1, K2
	JNE fail

	// Twelve numbers at a time.
	LEAQ ·tokenLanes(SB), DX
	LEAQ ·statConstants(SB), SI
	VMOVDQU64 lanes_zero(DX), Z17
	VMOVDQU64 lanes_nine(DX), Z18
	VMOVDQU64 lanes_tens(DX), Z19
	VMOVDQU64 lanes_hundreds(DX), Z20
	VMOVDQU64 lanes_myriads(DX), Z21
	VMOVDQU64 lanes_hundredMillion(DX), Z22
#define LOAD(at, X, Y, Z) \
	VMOVDQU digits-(368-at)(SP), X \
	VINSERTI128 $1, digits-(352-at)(SP), Y, Y \
	VINSERTI32X4 $2, digits-(336-at)(SP), Z, Z \
	VINSERTI32X4 $3, digits-(320-at)(SP), Z, Z
	LOAD(0, X0, Y0, Z0)
	LOAD(64, X1, Y1, Z1)
	LOAD(128, X2, Y2, Z2)
	MOVQ $0x8000800080008000, R11
	MOVQ $0x0001000100010001, R12
	XORL R13, R13
	XORL R15, R15

	// In each 16 bits of R8 those digits are that the number has: one run up to the last, which is there, and where it begins
	// no zero, unless it is the last. Of longer numbers R15 has a bit, and their beginning is seen later.
#define DIGITS(V, K) \
	VPTESTMB V, V, K \
	VPCMPEQB Z17, V, K4 \
	KMOVQ K, R8 \
	KMOVQ K4, R9 \
	VPSUBB.Z Z17, V, K, V \
	ANDNQ R11, R8, R10 \
	ORQ R10, R13 \
	LEAQ (R8)(R8*1), R10 \
	ANDNQ R10, R12, R10 \
	ANDNQ R10, R8, BX \
	ORQ BX, R13 \
	ANDNQ R8, R10, R10 \
	ANDQ R9, R10 \
	ORQ R11, R12 \
	ANDNQ R10, R12, R10 \
	XORQ R11, R12 \
	ORQ R10, R13 \
	PEXTQ R12, R8, R8 \
	SHLL $4, R15 \
	ORL R8, R15 \
	VPCMPUB $6, Z18, V, K
	DIGITS(Z2, K3)
	DIGITS(Z1, K2)
	DIGITS(Z0, K1)
	TESTQ R13, R13
	JNE fail
	MOVL R15, statText_long(DI)
	KORQ K1, K2, K1
	KORTESTQ K1, K3
	JNE fail

	// The decimals of the times are numbers too.
	XORL R13, R13
#define TIME(at, R) \
	MOVL (statText_values+8*at+span_at)(DI), R \
	MOVL (statText_values+8*at+span_length)(DI), R10 \
	XORL $32, R10 \
	ORL R10, R13
	TIME(12, R8)
	TIME(13, R9)
	TIME(14, R11)
	TIME(15, R12)
	TESTL R13, R13
	JNE fail
	VMOVDQU (AX)(R8*1), Y3
	VINSERTI64X4 $1, (AX)(R9*1), Z3, Z3
	VMOVDQU (AX)(R11*1), Y4
	VINSERTI64X4 $1, (AX)(R12*1), Z4, Z4
	VMOVDQU64 statLanes_template(SI), Z5
	VMOVDQU64 statLanes_digits(SI), Z6
	VPSUBB Z5, Z3, Z3
	VPSUBB Z5, Z4, Z4
	VPCMPUB $6, Z6, Z3, K1
	VPCMPUB $6, Z6, Z4, K2
	KORTESTQ K1, K2
	JNE fail
	VMOVDQU64 statLanes_clock(SI), Z7
	VPERMI2B Z4, Z3, Z7
	VMOVDQU64 statLanes_fraction(SI), Z5
	VPERMI2B Z4, Z3, Z5

	VPMADDUBSW Z19, Z0, Z0
	VPMADDUBSW Z19, Z1, Z1
	VPMADDUBSW Z19, Z2, Z2
	VPMADDUBSW Z19, Z5, Z5
	VPMADDWD Z20, Z0, Z0
	VPMADDWD Z20, Z1, Z1
	VPMADDWD Z20, Z2, Z2
	VPMADDWD Z20, Z5, Z5
	VPACKUSDW Z1, Z0, Z0
	VPACKUSDW Z5, Z2, Z2
	VPMADDWD Z21, Z0, Z0
	VPMADDWD Z21, Z2, Z2
	VPMULUDQ Z22, Z0, Z1
	VPMULUDQ Z22, Z2, Z3
	VPSRLQ $32, Z0, Z0
	VPSRLQ $32, Z2, Z2
	VPADDQ Z1, Z0, Z0
	VPADDQ Z3, Z2, Z2 // the decimals are every other
	VPTESTMQ statLanes_narrow(SI), Z0, K1
	VPTESTMQ statLanes_oneMore(SI), Z2, K2
	KORW K1, K2, K5

	// Z7: in each 16 bytes h m s 0 YY YY M D. What is computed of the date is in the third 32 bits of them.
	VPMADDUBSW Z19, Z7, Z7
	VPCMPUW $6, statLanes_clockMost(SI), Z7, K6
	VPMADDWD statLanes_clockWeights(SI), Z7, Z8 // seconds but for s, s, year, day
	VPSRLQ $32, Z7, Z9
	VPANDD.BCST statLanes_byte(SI), Z9, Z9 // month
	VPSRLQ $32, Z8, Z10 // day
	MOVL $0x4444, R8
	KMOVW R8, K7
	VPSUBD.BCST statLanes_firstYear(SI), Z8, Z11
	VPCMPUD.BCST $6, statLanes_years(SI), Z11, K7, K1
	KORW K1, K5, K5
	KMOVD K6, R9
	VPTESTNMD.BCST statLanes_three(SI), Z8, K1
	VPTESTNMD.BCST statLanes_fifteen(SI), Z8, K2
	VPTESTMD.BCST statLanes_yearDigits(SI), Z7, K3
	KORW K2, K3, K2
	KANDW K1, K2, K1
	VPCMPEQD.BCST statLanes_two(SI), Z9, K1, K1
	VMOVDQU64 statLanes_monthDays(SI), Z11
	VPSHUFB Z9, Z11, Z11
	VPADDD.BCST statLanes_one(SI), Z11, K1, Z11
	VPSUBD.BCST statLanes_one(SI), Z10, Z12
	VPCMPUD $5, Z11, Z12, K7, K1
	KORW K1, K5, K5
	KMOVW K5, R8
	ORL R8, R9
	JNE fail

	// Days since 1970, with the year beginning in March so that the leap day comes last.
	VPCMPUD.BCST $1, statLanes_three(SI), Z9, K1
	VPADDD.BCST statLanes_twelve(SI), Z9, K1, Z9
	VMOVDQA64 Z8, Z11
	VPSUBD.BCST statLanes_one(SI), Z11, K1, Z11
	VPBROADCASTD statLanes_fourYears(SI), Z12
	VPMULUDQ Z12, Z11, Z12
	VPSRLQ $2, Z12, Z12
	VPBROADCASTD statLanes_century(SI), Z13
	VPMULUDQ Z13, Z11, Z13
	VPSRLQ $19, Z13, Z13
	VPSUBQ Z13, Z12, Z12
	VPSRLQ $2, Z13, Z13
	VPADDQ Z13, Z12, Z12
	VPBROADCASTD statLanes_month(SI), Z13
	VPMULUDQ Z13, Z9, Z13
	VPSUBQ.BCST statLanes_monthsBefore(SI), Z13, Z13
	VPSRLQ $5, Z13, Z13
	VPADDQ Z13, Z12, Z12
	VPADDQ Z10, Z12, Z12
	VPSUBQ.BCST statLanes_epoch(SI), Z12, Z12
	VPMULLQ.BCST statLanes_day(SI), Z12, Z12
	VPADDQ Z10, Z8, Z8 // seconds of the day
	VPMULUDQ.BCST statLanes_second(SI), Z8, Z8
	VPUNPCKLQDQ Z8, Z8, Z8
	VPADDQ Z8, Z12, Z12
	VPADDQ Z2, Z12, Z12

	MOVQ v+8(FP), BX
	VMOVDQU64 statLanes_head(SI), Z3
	VPERMI2W Z2, Z0, Z3
	VMOVDQU64 statLanes_tail(SI), Z4
	VPERMI2W Z2, Z0, Z4
	MOVL $0xf0, R8
	KMOVW R8, K1
	VMOVDQU64 statLanes_times(SI), Z5
	VPERMQ Z12, Z5, K1, Z3
	VMOVDQU64 Z3, (BX)
	VMOVDQU Y4, 64(BX)
	MOVWLZX ends-66(SP), R10
	INCQ R10
	MOVQ R10, ret+24(FP)
	VZEROUPPER
	RET

fail:
	MOVQ $0, ret+24(FP)
	VZEROUPPER
	RET

// func wideBrace(p unsafe.Pointer) int
TEXT ·wideBrace(SB), NOSPLIT, $0-16
	MOVQ p+0(FP), AX
	LEAQ ·tokenLanes(SB), DX
	VMOVDQU64 lanes_brace(DX), Z7
	VPCMPEQB (AX), Z7, K1
	VPCMPEQB 64(AX), Z7, K2
	VPCMPEQB 128(AX), Z7, K3
	VPCMPEQB 192(AX), Z7, K4
	VPCMPEQB 256(AX), Z7, K5
	VPCMPEQB 320(AX), Z7, K6
	VPCMPEQB 384(AX), Z7, K7
	KORQ K1, K2, K1
	KORQ K3, K4, K3
	KORQ K1, K5, K1
	KORTESTQ K1, K3
	JNE fail
	KORTESTQ K6, K7
	JEQ fail
	KMOVQ K6, R8
	KMOVQ K7, R9
	TZCNTQ R9, R9
	ADDQ $64, R9
	TZCNTQ R8, R8
	CMOVQCS R9, R8
	ADDQ $320, R8
	MOVQ R8, ret+8(FP)
	VZEROUPPER
	RET

fail:
	MOVQ $-1, ret+8(FP)
	VZEROUPPER
	RET
