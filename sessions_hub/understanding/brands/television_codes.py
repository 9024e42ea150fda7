"""How the models of televisions and set-top boxes begin; written as in `codes`."""

from __future__ import annotations

# "Brand: beginning beginning …"
TELEVISIONS = """
Asano: ##LF####T ##LH####T ##LU####T
BBK: ##LE@-## ##LEX-
Beeline: BEEBOX SWG####
Beelink: GT-KING GT1- GT1_ GTMINI
Blackton: BT_##
Changhong: ##CHIQ CHIQ
DEXP: ##@####@$
Digma: DM-LED
Divisat: OPTIMA_T-
Elekta: ELED-
Engel: EN10##
Erisson: ##FLX ##HLX ##LE@_T2 ##ULX
Formuler: Z10_ Z11_ Z7+ Z8_ Z_ALPHA
GoldStar: LT-##T
Harper: ##F###TS ##R###TS ##U###TS
Hartens: HTM- HTV- HTY-
Hi: ##FSY### ##H1## ##HSY### ##U1##@ ##US1## VHIX
HOLLEBERG: HGTV-
Horizont: ##LE3### ##LE4### ##LE5### ##LE7###
Hyundai: H-LED
Infomir: MAG### MAGIC_BOX
JVC: LT-##
Kivi: ##F###GU ##F###LB ##FK## ##FR## ##H###GU ##H###LB ##HK## ##HR## ##U###GU ##U###K ##U###LB
 ##UC## ##UK## ##UP## ##UR##
Leff: ##F5##T ##F6##T ##H5##T ##Q6##T ##U5##T
Mecool: KM# M8S_
MXQ: MXQ
Novex: NVT- NVX- NWX-
ONVO: ##OV####
Philips: ##OLED### ##PFK## ##PFS## ##PFT## ##PHS## ##PUK## ##PUS## ##PUT## QM1##E TPM1#1E
PolarLine: ##PL##T
Rombica: SMART_BOX_
Sagemcom: DCIW DTIW
Sber: SBDV- SBX- SDX-##
SFR: STB7 STB8
Skyline: ##LST#### ##LT#### ##U#### ##YST####
Skyworth: ##E@#### ##G@#### COOCAA SWTV
Sony: BRAVIA KD-## KDL## KDL-## XR-##
Starwind: SW-LED
Sunny: SN##@@@
Supra: STV- STV-LC
Tanix: TX#_ TX10 TX3 TX5 TX6 TX9 TX92
TD Systems: K##DL
Technicolor: DCTIW DIW UIW
Telefunken: TF-LED TF-MID TTF
Telly: TY##_
Tesla: ##E###B ##S###B ##S###S ##T###B
TopDevice: TDTV
Vekta: LD-##
Vestel: VENUS VP### VSP### VSTVB
Vinga: VMP-
Vityaz: ##LF12## ##LH12## ##LU12##
Xiaomi: MITV
Yandex: YNDX-
"""
