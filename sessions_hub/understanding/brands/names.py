"""Brands of devices, spelled as Matomo spells them.

A model very often begins with its brand's name: "Lenovo TB-X606F", "itel A56". A
name that is an everyday word of model names ("Note", "Smart", "Neo") is not here.
"""

from __future__ import annotations

# Separated by commas, sorted within a block.
NAMES = """
10moons, 2E, 360, 3GNET, 3GO, 3Q, 4Good, 4ife, 5IVE, 7 Mobile, 8848, öwn

Accent, Accesstyle, ACD, Aceline, Acepad, Acer, Acteck, actiMirror, Adronix, Advan, AEEZO, AFFIX,
AfriOne, AGM, AG Mobile, AIDATA, Ainol, Airis, Airness, AIRON, Airpha, Airtel, AirTouch, AIS,
Aiuto, Aiwa, Ajib, A&K, Akai, AKIRA, Alba, Alcatel, Alcor, ALDI NORD, ALDI SÜD, Alfawise,
Alienware, Aligator, AllCall, AllDocube, ALLINmobile, All Star, Allview, Allwinner, alpsmart,
Altibox, Altice, Altimo, altron, Altus, Amazon, AMCV, AMGOO, Amigoo, Amino, Amoi, ANBERNIC,
andersson, Andowl, AngelTech, Anker, Anry, ANS, ANXONIT, AOC, Aocos, Aocwei, AOpen, Aoro, Aoson,
AOYODKG, Apple, Aquarius, Archos, Arian Space, Arival, Armphone, Arnova, ARRIS, Artel, Artizlee,
ArtLine, Arçelik, Asano, Asanzo, Aspera, ASSE, astro (MY), Asus, Athesi, Atlantic Electrics,
Atmaca Elektronik, ATMAN, ATMPC, ATOL, Atouch, Atozee, AT&T, Atvio, Audiovox, AUPO, AURIS, AUX,
Avaya, Avenzo, AVH, Avvio, Awow, AWOX, AXEN, Axioo, AXXA, Axxion, AYYA, Azeyou, AZOM,
Azumi Mobile, Azupik

b2m, Backcell, BAFF, Balmuda, BangOlufsen, Barnes & Noble, BARTEC, BAUHN, BBK, BB Mobile, BDF,
BDQ, BDsharing, Beafon, Becker, Beeline, Beelink, Beetel, Beista, Beko, Bellphone, Benco, Benesse,
BenQ, BenQ-Siemens, BenWee, Benzo, Bezkam, BGH, Biegedy, Bigben, BIHEE, BilimLand, Billion,
Billow, BioRugged, Bird, Bitel, Bitmore, Bittium, Bkav, Black Bear, Black Box, Black Fox,
Blackpcs, Blackphone, Blackton, Blackview, Blaupunkt, Bleck, BLISS, Blloc, Blow, Blu, Bluboo,
Bluebird, Bluedot, Bluegood, BlueSky, Bluewave, BluSlate, BMAX, Bmobile, BMXC, BNCF, Bobarry,
bogo, Bolva, Bookeen, Boost, Botech, Boway, bq, BrandCode, Brandt, Bravis, BrightSign, Brigmton,
Brondi, BROR, BS Mobile, Bubblegum, Bundy, Bush, BuzzTV, BYD, BYYBUO

C5 Mobile, CADENA, CAGI, Caixun, Camfone, Canaima, Canal Digital, Canguro, Capitel, Captiva,
Carbon Mobile, Carrefour, Casio, Casper, Cat, Cavion, CCIT, Cecotec, Ceibal, Celcus, Celkon,
Cellacom, CellAllure, Cell-C, Cellution, CENTEK, Centric, CEPTER, CG Mobile, CGV, Chainway,
Changhong, CHCNAV, Cherry Mobile, Chico Mobile, ChiliGreen, China Mobile, China Telecom, Chuwi,
C Idea, CipherLab, Citycall, CKK Mobile, Claresta, Clarmin, CLAYTON, ClearPHONE, Clementoni,
Cloudfone, Cloud Mobile, Cloudpad, Clout, Clovertek, CnM, Cobalt, Coby Kyros, Colorovo, COLORROOM,
Colors, Comio, Compal, Compaq, COMPUMAX, ComTrade Tesla, Conceptum, Concord, Condor, Connectce,
Connex, Conquest, Continental Edison, Contixo, COOD-E, Coolpad, Coopers, Cosmote, Covia, Cowon,
COYOTE, CPDEVICE, CreNova, Crescent, Crestron, Cricket, Crius Mea, Crony, Crosscall, Crown,
Ctroniq, Cube, CUBOT, Cuiud, Cultraview, CVTE, Cwowdefu, Cyrus

Daewoo, Danew, DangcapHD, Dany, Daria, DASS, Datalogic, Datamini, Datang, Datawind, Datsun,
Dawlance, Dazen, DbPhone, Dbtel, Dcode, DEALDIG, Dell, Denali, Denka, Denver, Desay, DeWalt, DEXP,
DEYI, DGTEC, DIALN, Dialog, Dicam, Digicel, DIGICOM, Digidragon, DIGIFORS, Digihome, Digiland,
Digit, Digital2, Digma, DIJITSU, DIKOM, DIMO, Dinalink, Dinax, DING DING, Diofox, DIORA, Disney,
Ditecma, DiverMax, Divisat, DIXON, D-Link, DMM, DMOAO, DNS, DoCoMo, Doffler, Dolamee, Dom.ru,
Doogee, Doopro, Doov, Dopod, Doppio, DORLAND, Doro, Dragon Touch, Dreamgate, DreamStar, DreamTab,
Droidlogic, Droxio, DSDevices, DSIC, Dtac, D-Tech, DUDU AUTO, Dune HD, DUNNS Mobile, DuoTV,
Durabook, Duubee, Dykemann, Dyon

EagleSoar, EAS Electric, Easypix, EBEN, EBEST, E-Boda, E-Ceros, Echo Mobiles, ECON, ECOO, EcoStar,
ECS, Edanix, Edenwood, EGOTEK, Ehlel, Einstein, EKINOX, EKO, Eks Mobility, EKT, ELARI, Elecson,
Electroneum, ELECTRONIA, Elekta, Elenberg, Elephone, Elevate, Elista, elit, Elong Mobile, Eltex,
Ematic, Emporia, ENACOM, Energizer, Energy Sistem, Engel, ENIE, Enot, eNOVA, Entity, Envizen,
Ephone, Epik One, Eplutus, Epson, Equator, Ergo, Ericsson, Ericy, Erisson, Essential, Essentielb,
eSTAR, E-TACHI, E-tel, ETOE, Eton, eTouch, Etuline, Eudora, Eurocase, Eurostar, Evercoss, Everest,
Everex, Everfine, Everis, Evertek, Evolio, Evolveo, Evoo, EVPAD, EvroMedia, evvoli, EWIS, EXCEED,
Exmart, ExMobile, EXO, Explay, Express LUCK, ExtraLink, Extrem, Eyemoo, EYU, Ezio, Ezze

F150, F2 Mobile, Facebook, Facetel, Facime, Fairphone, Famoco, Famous, Fantec, FanVace, FaRao Pro,
Farassoo, FarEasTone, Fengxiang, Fenoti, FEONAL, Fero, Figgers, FiGi, FiGO, FiiO, Filimo, FILIX,
FinePower, FINIX, Finlux, FireFly Mobile, FISE, Fision, FITCO, Fluo, Fly, FLYCAT, FLYCOAY, FMT,
FNB, FNF, Fobem, Fondi, Fonos, FOODO, FORME, Formovie, Formuler, Forstar, Fortis, FortuneShip,
FOSSiBOT, Fourel, Four Mobile, Foxconn, FoxxD, FPT, Freetel, FreeYond, Frunsi, F&U, Fuego,
FUJICOM, Fujitsu, Funai, Fusion5, Future Mobile Technology, Fxtec

Galactic, Galatec, Galaxy Innovations, Gamma, Garmin-Asus, Gateway, Gazal, Gazer, GDL, Geanee,
Geant, Gear Mobile, General Mobile, Genesis, GEOFOX, Geo Phone, Geotel, Geotex, GEOZON, Getnord,
GFive, Gfone, Ghia, Ghong, Ghost, Gigabyte, Gigaset, Gini, Ginzzu, Gionee, GIRASOLE, Globex,
Globmall, GlocalMe, Glofiish, GLONYX, Glory Star, GLX, GOCLEVER, Gocomma, GoGEN, GOLDBERG,
GoldMaster, GoldStar, Gol Mobile, Goly, Gome, GoMobile, GOODTEL, Google, Goophone, Gooweel, GOtv,
Gplus, Gradiente, Graetz, Grape, Great Asia, Gree, Green Lion, Green Orange, Greentel, Gresso,
Gretel, GroBerwert, Grundig, Grünberg, G-Tab, Gtel, GTMEDIA, G-Touch, GTX, Guophone, GVC Pro,
G-Vill

H133, H96, Hafury, Haier, Haipai, Haixu, Hamlet, Hammer, Handheld, HannSpree, Hanseatic, Hanson,
HAOQIN, HAOVM, Hardkernel, Harper, Hartens, Hasee, Hathway, HAVIT, HDC, HeadWolf, HEC, Heimat,
Helio, HERO, HexaByte, Hezire, Hiberg, HiBy, High Q, Highscreen, HiGrace, HiHi, HiKing, Hi-Level,
HiMax, Hi Nova, HIPER, Hipstreet, Hiremco, Hisense, Hitachi, Hitech, HKC, HKPro, HLLO, HMD, HOFER,
Hoffmann, HOLLEBERG, Homatics, Hometech, HOMII, Homtom, Honeywell, HongTop, HONKUAHG, Honor,
Hoozo, Hopeland, Horion, Horizont, Hosin, HOTACK, Hot Pepper, HOTREALS, Hotwav, HP, HTC, Huadoo,
Huagan, Huavi, Huawei, Hugerock, Humanware, Humax, HUMElab, Hurricane, Huskee, Hykker, Hyrican,
Hytera, Hyundai, Hyve

iBall, iBerry, ibowin, iBrit, i-Cherry, IconBIT, iData, iDino, iDroid, iFFALCON, iFIT, iGet,
iHome Life, iHunt, I-INN, i-Joy, Ikea, IKI Mobile, iKoMo, iKon, iKonia, IKU Mobile, iLA, iLepo,
iLife, iMan, Imaq, iMars, i-mate, iMI, i-mobile, IMO Mobile, Imose, Impression, iMuz, iNavi,
INCAR, Inco, iNew, Infiniton, Infinix, InFocus, InfoKit, Infomir, InFone, Inhon, Inka, Inkti,
InnJoo, Innos, Innostream, Inoi, iNo Mobile, iNOVA, inovo, INQ, Insignia, INSYS, Intek, Intel,
Intex, Invens, Inverto, Invin, iOcean, IOTWE, iOutdoor, iPEGTOP, I-Plus, iPro, IQM, iQ&T, IRA,
Irbis, iReplace, iRobot, iRola, iRulu, iSafe Mobile, iStar, iSWAG, iTel, iTruck, IUNI, iVA, iView,
iVooMi, ivvi, iWaylink, iXTech, iYou, iZotron

Jambo, JAY-Tech, Jedi, Jeep, Jeka, Jesy, JFone, Jiake, Jiayu, Jide, Jinga, Jin Tu, Jio, Jivi, JKL,
Jolla, JoySurf, JPay, JREN, Jumper, Juniper Systems, Just5, JUSYEA, JVC, JXD

Kaan, Kaiomy, Kalley, Kanji, Kapsys, Karbonn, Kata, KATV1, Kazam, Kazuna, KDDI, Kempler & Strauss,
Kenbo, Kendo, Keneksi, KENSHI, KENWOOD, Kenxinda, Khadas, Kiano, kidiby, Kingbox, Kingstar,
Kingsun, KINGZONE, Kinstone, Kiowa, Kivi, Klipad, K-Lite, KN Mobile, Kobo, Kocaso, Kodak, Kogan,
Komu, Konka, Konrow, Koobee, Koolnee, Kooper, KOPO, Korax, Koridy, Koslam, Kraft, KREZ, KRIP,
KRONO, Krüger&Matz, K-Touch, KT-Tech, KUBO, KuGou, Kuliao, Kult, Kumai, Kurio, KVADRA, Kvant,
Kydos, Kyocera, Kyowon, Kzen, KZG

LAIQ, Land Rover, Landvo, Lanin, Lanix, Lark, Laser, Laurus, Lava, LCT, Leader Phone, Leagoo,
Leben, LeBest, Lectrus, Ledstar, LeEco, Leelbox, Leff, Leke, Lemco, LEMFO, Lemhoov, Lenco, Lenovo,
Lenoxx, Leotec, Le Pan, Lephone, Lesia, Lexand, Lexibook, LG, Liberton, Lifemaxx, Lime, Lingbo,
Lingwin, Linnex, Linsar, Linsay, Listo, L-Max, LNMBBS, Loewe, Logic, Logic Instrument, Logicom,
Logik, Logitech, LOKMAT, LongTV, Loview, Lovme, LPX-G, LT Mobile, Lumigon, Lumitel, Lumus, Luna,
LUO, Luxor, Lville, LYF, LYOTECH Labs

M3 Mobile, M4tel, MAC AUDIO, Macoox, Mafe, MAGCH, Magenta, Magicsee, Magnus, Majestic, Malata,
Mango, Manhattan, Mann, Manta Multimedia, Mantra, Mara, Marshal, Mascom, Massgo, Masstel,
Master-G, Mastertech, Matco Tools, Matrix, Maunfeld, Maxcom, Maxfone, Maximus, Maxtron, MAXVI,
Maxwell, Maxwest, MAXX, Maze Speed, MBI, MBK, MBOX, MDC Store, MDTV, meanIT, Mecer, Mecool,
Mediacom, MediaTek, Medion, MEEG, Megacable, MegaFon, MEGAMAX, MEGA VISION, Meitu, Meizu, Melrose,
MeMobile, Memup, MEO, MESWAO, Meta, Metz, MEU, M-Horse, MicroMax, Microsoft, Microtech, Minix,
Mint, Mintt, Mio, Mione, mipo, Miray, Mitchell & Brown, Mito, Mitsubishi, Mitsui, MIVO, MIWANG,
MIXC, MiXzo, M-KOPA, MLAB, MLLED, MLS, MMI, Mobell, Mobicel, MobiIoT, Mobiistar, Mobile Kingdom,
Mobiola, Mobistel, MobiWire, Mobo, Mobvoi, Modecom, Mode Mobile, Mofut, Moondrop, MORTAL,
Mosimosi, Motiv, Motorola, Motorola Solutions, Movic, MOVISUN, Movitel, Moxee, mPhone, Mpman, MSI,
MStar, MTC, M-Tech, MTN, Multilaser, MultiPOS, MwalimuPlus, MYFON, MyGica, MygPad, Mymaga,
MyMobile, MyPhone, MyPhone (PH), Myria, Myros, Mystery, MyTab, MyWigo

Nabi, NABO, Nanho, Naomi Phone, NASCO, National, Navcity, Navitech, Navitel, Navon, NavRoad, NEC,
Necnot, Nedaphone, Neffos, NEKO, neoCore, Neolix, Neomi, Neon IQ, Neoregent, NetBox, Netgear,
Netmak, NETWIT, NeuImage, NeuTab, NEVIR, Newal, New Balance, New Bridge, Newgen, Newland, Newman,
Newsday, NewsMy, Nexa, Nexar, NEXBOX, Nexian, NEXON, Nextbit, NextBook, Next & NextStar, NextTab,
NGM, NG Optics, NGpon, Nikon, NILAIT, NINETEC, Nintendo, nJoy, NOA, Noain, Nobby, Noblex, NOBUX,
noDROPOUT, NOGA, Nokia, Nomi, Nomu, N-one, Noontec, Nordfrost, Nordmende, NORMANDE, NorthTech,
Nothing, Nous, Novacom, Novex, Novey, NOVIS, NoviSea, NOVO, NTT West, NuAns, Nubia, NUU Mobile,
NuVision, Nuvo, Nvidia, NYX Mobile

O2, Oale, Oangcc, OASYS, Obabox, Ober, Obi, OCEANIC, Odotpad, Odys, Oilsky, OINOM, Okapi, Okapia,
Oking, OKSI, OKWU, Olax, Olkya, Ollee, OLTO, Olympia, OMIX, Onda, OneClick, OneLern, OnePlus,
Onida, Onix, Onkyo, ONN, ONVO, ONYX BOOX, Ookee, Ooredoo, OpelMobile, Openbox, Ophone, OPPO,
Opsson, Optoma, Orange, Orange Pi, Orava, Orbic, Orbita, Orbsmart, Ordissimo, Orion, OSCAL, OTTO,
OUJIA, Ouki, Oukitel, OUYA, Overmax, Ovvi, Owwo, OX TAB, OYSIN, Oysters, Oyyu, OzoneHD

Pacific Research Alliance, Packard Bell, Padpro, PAGRAER, Paladin, Palm, Panacom, Panasonic,
Panavox, Pano, Panodic, Panoramic, Pantech, PAPYRE, Parrot Mobile, Partner Mobile, PCBOX, PCD,
PCD Argentina, PC Smart, PEAQ, Pelitt, Pendoo, Penta, Pentagram, Perfeo, Phicomm, Philco, Philips,
Phonemax, phoneOne, Pico, PINE, Pioneer, Pioneer Computers, PiPO, PIRANHA, Pixela, Pixelphone,
PIXPRO, Pixus, Planet Computers, Platoon, Play Now, Ployer, Plum, PlusStyle, Pluzz, PocketBook,
POCO, Point Mobile, Point of View, Polar, PolarLine, Polaroid, Polestar, PolyPad, Polytron, Pomp,
Poppox, POPTEL, Porsche, Portfolio, Positivo, Positivo BGH, PPTV, Premier, Premio, Prestigio,
PRIME, Primepad, Primux, Pritom, Prixton, PROFiLO, Proline, Prology, ProScan, PROSONIC, Protruly,
ProVision, PULID, Punos, P-UP, Purism, PVBox

Q.Bell, Q-Box, QFX, Qilive, QIN, Qiuwoky, QLink, QMobile, Qnet Mobile, QTECH, Qtek, Q-Touch,
Quantum, Quatro, Qubo, Quechua, Quipus, Qumo, Qupi, Qware, QWATT

R3Di, Rakuten, Ramos, Raspberry, Ravoz, Raylandz, Razer, RAZZ, RCT, Readboy, Realix, Realme,
Redbean, Redfox, RedLine, Redway, Reeder, REGAL, RelNAT, Relndoo, Remdun, Renova, RENSO, rephone,
Retroid Pocket, Revo, Revomovil, Ricoh, Rikomagic, RIM, Ringing Bells, Rinno, Ritmix, Ritzviva,
Riviera, Rivo, Rizzen, ROADMAX, Roadrover, Roam Cat, ROCH, Rocket, ROiK, Rokit, Roku, Rombica,
Ross&Moor, Rover Computers, Royole, RoyQueen, RTK, RT Project, R-TV, RugGear, RuggeTech, Ruggex,
Ruio, Runbo, Rupa, Ryte

S2Tel, Saba, Safaricom, Sagem, Sagemcom, Saiet, SAILF, Salora, Samsung, Samtech, Samtron, Sanei,
Sankey, Sansui, Santin, SANY, Sanyo, Savio, Sber, SCBC, Schneider, Schok, SCHONTECH, S-Color,
Scoole, Scosmos, Seatel, SEBBE, Seeken, SEEWO, SEG, Sega, SEHMAX, Selecline, Selenga, Selevision,
Selfix, SEMP TCL, Sencor, Sencrom, Sendo, Senkatel, SENNA, Senseit, Senwa, SERVO, Seuic, Sewoo,
SFR, SGIN, Shanling, Sharp, Shift Phones, Shivaki, Shtrikh-M, Shuttle, Sico, Siemens, Sigma,
Silelis, Silent Circle, Silva Schneider, Simbans, simfer, Singtech, Siragon, Sirin Labs, Siswoo,
SK Broadband, SKG, SKK Mobile, Sky, Skyline, SkyStream, Skytech, Skyworth, Smadl, Smailo, Smartab,
SmartBook, SMARTEC, Smart Electronic, Smartex, Smartfren, Smartisan, Smart Kassel, Smart Tech,
Smarty, Smooth Mobile, Smotreshka, SMT Telecom, SMUX, SNAMI, SobieTech, Soda, Softbank,
Soho Style, Solas, SOLE, Solone, Sonim, SONOS, Sony, Sony Ericsson, SOSH, SoulLink, Soundmax,
SOWLY, Soyes, Sparx, SPC, Spectralink, Spectrum, Spice, SPURT, SQOOL, SSKY, Star, Starlight,
Starmobile, Starway, Starwind, S-TELL, STF Mobile, STG Telecom, Stilevs, STK, Stonex, Storex,
StrawBerry, STRONG, Stylo, Subor, Sugar, SULPICE TV, Sumvision, Sunmax, Sunmi, Sunstech, SunVan,
Sunvell, SUNWIND, SuperBOX, Super General, Supermax, SuperSonic, SuperTab, SuperTV, Supra,
Supraim, Surfans, Surge, Suzuki, Sveon, Swipe, SWISSMOBILITY, Swisstone, Switel, Syco, SYH,
Sylvania, Symphony, Syrox, System76, Szenio

T96, TADAAM, TAG Tech, Taiga System, Takara, TALBERG, Talius, Tambo, Tanix, TAUBE, TB Touch, TCL,
TD Systems, TD Tech, TeachTouch, Technicolor, Technika, TechniSat, Technopc, TECHNOSAT,
TechnoTrend, TechPad, TechSmart, Techstorm, Techwood, Teclast, Tecno Mobile, TecToy, TEENO,
Teknosa, Tele2, Telefunken, Telego, Telenor, Telia, Telit, Telkom, Telly, Telma, TeloSystems,
Telpo, Temigereev, TENPLUS, Teracube, Tesco, Tesla, TETC, Tetratab, teXet, ThL, Thomson, Thuraya,
TIANYU, Tibuta, Time2, Timovi, TIMvision, Tinai, Tinmo, TiPhone, Tivax, TiVo, TJC, TJD, T-Mobile,
TOKYO, Tolino, TOOGO, Tooky, TopDevice, TOPDON, Topelotek, Top House, Toplux, TOPSHOWS, Topsion,
Top-Tech, Topway, Torex, TOSCIDO, Toshiba, Touchmate, Touch Plus, TOX, TPS, Transpeed, TrekStor,
Trevi, TriaPlay, Trifone, Trio, Tronsmart, True, True Slim, Tsinghua Tongfang, TTEC,
TTfone, TTK-TV, TuCEL, TUCSON, Tunisie Telecom, TurboKids, TurboPad, Turbo-X, Turkcell, Tuvio,
TwinMOS, TWM, Twoe, TWZ Corporation, TYD, Tymes, Türk Telekom

UGINE, Ugoos, Uhans, Uhappy, Ulefone, U-Magic, Umax, UMIDIGI, Unblock Tech, Uniden, Unihertz,
Unimax, Uniqcell, Uniscope, Unistrong, Unitech, UNITED, UNIWA, Unnecto, Unnion Technologies, UNNO,
Unonu, Unowhy, UOOGOU, Urovo, U.S. Cellular, UTime, UTOK, UTStarcom, UZ Mobile

VAIO, VALE, VALEM, VALTECH, VANGUARD, Vankyo, VANWIN, Vargo, Vastking, VAVA, VDVD, Veidoo, Vekta,
Venso, Venstar, Venturer, VEON, Verico, Verizon, Vernee, Verssed, Versus, Vertex, Vertu, Verykool,
Vesta, Vestel, VETAS, Vexia, V-Gen, VGO TEL, V-HOME, V-HOPE, ViBox, Victurio, VIDA, Videocon,
Videoweb, Viendo, ViewSonic, VIIPOO, VIKUSHA, VILLAON, VIMOQ, Vinabox, Vinga, Vinsoc, Vios, Viper,
Vipro, Virzo, Visitech, Visual Land, Vitelcom, Vityaz, Viumee, Vivax, VIVIBright, VIVIMAGE, Vivo,
VIWA, Vizio, Vizmo, VK Mobile, VKworld, v-mobile, VNPT Technology, VOCAL, Vodacom, Vodafone, VOGA,
VOLIA, VOLKANO, Volla, Volt, Vonino, Vontar, Vorago, Vorcom, Vorke, Vormor, Vortex, Voto, Voxtel,
Voyo, Vsmart, Vsun, VUCATIMES, Vue Micro, Vulcan, VVETIME, Völfen

WAF, Wainyok, Walker, Walton, Waltter, Wanmukang, WANSA, Webfleet, Weelikeit, Weimei, WellcoM,
WELLINGTON, Western Digital, Westpoint, Wexler, White Mobile, Whoop, Wieppo, Wigor, Wiko,
Wileyfox, Winds, Wink, Winmax, Winnovo, Winstar, Wintouch, Wiseasy, WIWA, WizarPos, Wizz, W&O,
Wolder, Wolfgang, Wolki, WONDER, Wonu, Woo, Wortmann, Woxter, WOZIFAN

X88, X96, X96Q, X-AGE, X-BO, Xcell, XCOM, Xcruiser, XElectron, XGEM, XGIMI, Xgody, Xiaodu,
Xiaolajiao, Xiaomi, Xion, X-Mobile, Xolo, Xoro, XPPen, XREAL, Xshitou, Xsmart, X-TIGI, Xtouch,
Xtratech, X-View, X.Vision, Xwave, XY Auto

Yandex, Yarvik, YASIN, YELLYOUTH, YEPEN, Yestel, Yezz, Yoka TV, Yooz, Yota, YOTOPT, Youin, Youwei,
Ytone, Yu, Yuandao, YU Fly, YUHO, YUMKEM, YUNDOO, Yuno, YunSong, Yusun, Yxtel

Zaith, ZALA, Zamolxe, Zatec, Zealot, Zeblaze, Zebra, Zeeker, Zeemi, Zen, Zenek, Zentality, Zetta,
Zfiner, ZH&K, Zidoo, ZIFRO, Zigo, ZIK, Zinox, Ziox, Z-Kai, Zonda, Zonko, Zoom, ZoomSmart, Zopo,
ZTE, Zuum, Zync, ZYQ, Zyrex, ZZB
"""
