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

// func wideStat(p unsafe.Pointer, limit int, w *statText) int
//
// R8 is where the member at hand begins, R10 where it ends. R12 and X5 gather bits that must be zero, R11 one that must not be
// set, the sign. R13 has a bit for each member seen. DX has one for each number that is too long for here, and counts above them.
TEXT ·wideStat(SB), NOSPLIT, $256-32
	MOVQ p+0(FP), AX
	MOVQ w+16(FP), DI
	LEAQ ·statKeys(SB), SI
	LEAQ ·tokenLanes(SB), R8
	VMOVDQU64 lanes_comma(R8), Z6
	VMOVDQU64 lanes_brace(R8), Z7
	VMOVDQU64 lanes_zero(R8), Z8
	VPXOR X5, X5, X5
	LEAQ 1(AX), R8
	XORL R9, R9
	XORL R11, R11
	XORL R12, R12
	XORL R13, R13
	XORL DX, DX

member:
	MOVQ R8, BX
	SUBQ AX, BX
	CMPQ BX, limit+8(FP)
	JGE fail
	VMOVDQU64 (R8), Z0
	VPCMPEQB Z6, Z0, K1
	VPCMPEQB Z7, Z0, K2
	KORQ K1, K2, K1
	KMOVQ K1, R10
	TZCNTQ R10, R10
	ORL R9, R12 // the member before ended with a comma

	// The key: the beginning that all have, and the rest.
	MOVL (R8), CX
	XORL $0x5f747322, CX // "st_
	ORL CX, R12
	MOVL 4(R8), BX
	IMUL3L $const_statSpread, BX, BX
	SHRL $28, BX
	SHLL $6, BX
	VMOVDQU 4(R8), X1
	VPAND statKey_mask(SI)(BX*1), X1, X1
	VPXOR statKey_text(SI)(BX*1), X1, X1
	VPOR X1, X5, X5
	MOVL statKey_length(SI)(BX*1), CX
	MOVL statKey_word(SI)(BX*1), BX
	BTSL BX, R13

	// The value: where it begins, and R15 how long it is.
	MOVQ R10, R15
	SUBQ CX, R15
	ADDQ R8, R10
	ADDQ R8, CX
	MOVQ CX, R14
	SUBQ AX, R14
	MOVQ R14, statText_places(DI)(BX*8)
	MOVBLZX (CX), CX
	XORL $48, CX
	DECL CX
	MOVL $1, R14
	SUBL R15, R14
	ANDL R14, CX
	ORL CX, R11 // a zero before other digits
	LEAL -1(R15), CX
	ORL CX, R11 // nothing

	// Its last sixteen digits, with zeros before them.
	MOVL $16, CX
	SUBL R15, CX
	MOVL CX, R14
	SHRL $31, R14
	SHLXL BX, R14, R14
	ORL R14, DX
	MOVL $0xffff, R14
	SHLXL CX, R14, R14
	KMOVW R14, K3
	VMOVDQU -16(R10), X2
	VPSUBB.Z X8, X2, K3, X2
	SHLL $4, BX
	VMOVDQU X2, digits-256(SP)(BX*1)
	MOVBLZX (R10), R9
	XORL $44, R9
	LEAQ 1(R10), R8
	ADDL $0x10000, DX
	BTL $20, DX
	JCC member

	CMPL R9, $0x51 // the last one with a brace
	JNE fail
	CMPL R13, $0xffff
	JNE fail
	TESTL R12, R12
	JNE fail
	TESTL R11, R11
	JLT fail
	VPTEST X5, X5
	JNE fail
	MOVL DX, statText_long(DI)

	// Twelve numbers at a time.
	LEAQ ·tokenLanes(SB), SI
	VMOVDQU64 lanes_nine(SI), Z18
	VMOVDQU64 lanes_tens(SI), Z19
	VMOVDQU64 lanes_hundreds(SI), Z20
	VMOVDQU64 lanes_myriads(SI), Z21
	VMOVDQU64 lanes_hundredMillion(SI), Z22
#define LOAD(at, X, Y, Z) \
	VMOVDQU digits-(256-at)(SP), X \
	VINSERTI128 $1, digits-(240-at)(SP), Y, Y \
	VINSERTI32X4 $2, digits-(224-at)(SP), Z, Z \
	VINSERTI32X4 $3, digits-(208-at)(SP), Z, Z
	LOAD(0, X0, Y0, Z0)
	LOAD(64, X1, Y1, Z1)
	LOAD(128, X2, Y2, Z2)
	VPCMPUB $6, Z18, Z0, K1
	VPCMPUB $6, Z18, Z1, K2
	VPCMPUB $6, Z18, Z2, K3
	KORQ K1, K2, K1
	KORTESTQ K1, K3
	JNE fail
	VPMADDUBSW Z19, Z0, Z0
	VPMADDUBSW Z19, Z1, Z1
	VPMADDUBSW Z19, Z2, Z2
	VPMADDWD Z20, Z0, Z0
	VPMADDWD Z20, Z1, Z1
	VPMADDWD Z20, Z2, Z2
	VPACKUSDW Z1, Z0, Z0
	VPACKUSDW Z2, Z2, Z2
	VPMADDWD Z21, Z0, Z0
	VPMADDWD Z21, Z2, Z2
	VPMULUDQ Z22, Z0, Z1
	VPMULUDQ Z22, Z2, Z3
	VPSRLQ $32, Z0, Z0
	VPSRLQ $32, Z2, Z2
	VPADDQ Z1, Z0, Z0
	VPADDQ Z3, Z2, Z2
	VMOVDQU64 Z0, statText_numbers(DI)
	VMOVDQU64 Z2, (statText_numbers+64)(DI)
	SUBQ AX, R8
	MOVQ R8, ret+24(FP)
	VZEROUPPER
	RET

fail:
	MOVQ $0, ret+24(FP)
	VZEROUPPER
	RET
