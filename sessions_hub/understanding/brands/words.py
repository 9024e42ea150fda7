"""First words of models that are no brand's name, but tell it: short forms and product lines."""

from __future__ import annotations

# "Brand: word, word …". Words are compared without case, spaces and punctuation.
WORDS = """
4Good: Light
Acer: Aspire, Extensa, Iconia, Liquid, Predator, Swift SF, Swift SF113, TravelMate, Veriton
Advan: Vandroid
AG Mobile: AG
Alcatel: Idol, Onetouch, OT, Pixi, POP, TCL ALCATEL
AllDocube: iPlay, KNote
Allview: AX4Nano, Soul, VivaC, VivaH, VivaQ
Altice: Staractive, Starnaute, Starxtrem
Amazon: AmazonWebAppPlatform, Echo Show, Fire TV, Kindle
ANS: ANS UL
Apple: iPad, iPhone, iPod, Macintosh
Aquarius: Cmp NS
Asus: Eee, MeMO, PadFone, ROG, Transformer, TUF, Vivobook, ZenBook, ZenFone, ZenPad
AT&T: Cingular
Axioo: Picopad
Azumi Mobile: Azumi
Barnes & Noble: BarnesAndNoble, Nook
Beeline: Beebox
Beelink: GTKing, GTMini
Benco: AEOP
Black Fox: BMM, BMT
Blackview: BV
Blaupunkt: Endeavour
Blu: Advance A, Dash, Grand M, Life One, Studio Mega, TankMega
bq: Aquaris, BQru, BQS
BS Mobile: BS
Bush: Bush Spira, Bush10Nou, Spira
Carbon Mobile: Carbon
Cat: Caterpillar
Celkon: Campus, Millennia
CG Mobile: CG
Cherry Mobile: Cherry, Cubix, Desire R, Flare, Rave, Superion
Chuwi: AuPad, Hi10, Hi12, Hi8, HiBook, HiBox, HiPad, MiniBook, SurPad, UBook, Vi10, Vi7, Vi8
CKK Mobile: CKK
Cloud Mobile: Storm Sirius, Stratus, Sunshine, Typhoon
Coby Kyros: Coby, Kyros
Colorovo: CityTab, CityTone
ComTrade Tesla: Explr, Tesla Smartphone
Condor: Griffe, Plume
Cricket: CKT, Icon
Crosscall: Odyssey, Shark X, Stellar, Trekker
CUBOT: King Kong
Datalogic: DL Axist, Joya, Memor, Skorpio
Dell: Alienware, Inspiron, Latitude, OptiPlex, Precision, Streak, Venue, Vostro, XPS
DEXP: Gravis, Ixion, Ursus
Digit: Digit4G
Digma: Citi, HIT, iDnD, iDrQ, iDsD, iDsQ, iDxD, Linx, Pay, Plane, Vox
Doogee: DG
Doro: Liberto
DUNNS Mobile: DUNNS
E-Boda: Eruption
Energizer: Hardcase, Powermax
Energy Sistem: Energy
eSTAR: eSTAR GO
Evertek: EverFancy, EverMiracle, EverShine, EverStar, EverTrendy
EXO: Wave i
Explay: ActiveD, Informer, Onliner, sQuad, Surfer, Tornado
Fairphone: FP
FireFly Mobile: FireFly
Fly: Cirrus, Cumulus, ERA, FlyLife, Life Ace, Life Compact, Life Geo, Life Play, Life Zen, Nimbus
Four Mobile: Four
Fujitsu: Arrows, Lifebook, Stylistic
General Mobile: Android One, Discovery, GM
Ghia: Vector
Gigabyte: GSmart
Gionee: Elife, Pioneer P
GOCLEVER: Insignia 500, Quantum 400, Quantum 500, Quantum 700
Google: Android SDK built for x86, Chromecast, Galaxy Nexus, Nexus, Pixel, sdk gphone
Hardkernel: ODROID
Highscreen: Boost, Fest XL, Power Five, Power Ice, Pure F, Pure J, Tasty, Thor, Zera
Hisense: Infinity, VIDAA
Hometech: Alfa
Honeywell: Dolphin, ScanPal
Hot Pepper: HPP
HP: EliteBook, EliteDesk, ENVY, Hewlett, Hewlett Packard, OMEN, Pavilion, ProBook, ProDesk,
 Slate, ZBook
HTC: Amaze, Desire, Droid DNA, EVO, Incredible, One S, One V, One X, Sensation, ThunderBolt,
 Wildfire
Huawei: Ascend, Enjoy, Honor Holly, Ideos, Mate, MateBook, MatePad, MediaPad, nova, Vodafone 845
iBall: Andi, Slide, Spirit
IconBIT: Mercury, NetTAB, Omnicast
iHunt: Alien X, Titan P
IKI Mobile: IKI
IKU Mobile: IKU
IMO Mobile: IMO
Infinix: Hot, Smart HD, Zero
iNo Mobile: iNo
Intex: Aqua, Cloud
iSafe Mobile: iSafe
K-Lite: KLT
Kalley: Black
Karbonn: Aura Note, Sparkle
Kazam: Thunder, Trooper
Kiano: Elegance, SlimTab
KN Mobile: KN
Kodak: Seren, SmartWay
Konrow: Soft
Krüger&Matz: Eagle 10, KM, Kruger, KrugerMatz
Lanix: Ilium
Lark: FreeMe, Ultimate 7
Lava: Agni, Blaze, Iris, Yuva
Leader Phone: LP
LeEco: Le Max, Letv, LEX
Lenovo: A Plus, IdeaPad, IdeaTab, Legion, Phab, ThinkBook, ThinkCentre, ThinkPad, Vibe, Yoga, ZUK
Leotec: Itrium
LG: LG Electronics, LGE, Optimus
Logicom: IDbot, L EMENT, L ITE, L IXIR, La Tab, Le Fab, Le Hola, Le Lift, Powerbot
Lumus: Neosr
Maxwest: Astro, Gravity, Nitro
Maze Speed: Maze
Mediacom: PhonePad, SmartPad
Medion: Lifetab
Meizu: Mblu, Meilan
Meta: Oculus, Quest
MicroMax: Bolt, Canvas, IN 1, IN 1b, IN 2b, IN 2c, IN note
Microsoft: Lumia, Microsoft Corporation, Surface, Xbox
Mobiistar: Zoro
Modecom: FreeTAB, Xino
Motorola: Atrix, Defy, Droid, Edge, Milestone, Mot, Moto, Moto Z, Motoe, RAZR, Xoom
MyPhone (PH): myA
National: NX
Navcity: NP
Navon: Platinum
NGM: Forward
Nokia: Lumia 1020, Lumia 1320, Lumia 1520, Lumia 520, Lumia 530, Lumia 620, Lumia 625, Lumia 630,
 Lumia 635, Lumia 720, Lumia 730, Lumia 735, Lumia 800, Lumia 820, Lumia 830, Lumia 900,
 Lumia 920, Lumia 925, Lumia 930, NokiaN, Series60
NUU Mobile: NUU
Nvidia: SHIELD, Tegra Note
NYX Mobile: NYX
OnePlus: Nord
ONYX BOOX: BOOX, Note Air, Tab Ultra
Orbic: Maui, Wonder
Ordissimo: Celia
Overmax: Livecore, Qualcore, Solution 10, Solution 7, Vertis
Packard Bell: EasyNote, Liberty Tab
Palm: Pixi Plus, Pre, webOS
Panasonic: Eluga, Let's note, Toughbook, Toughpad, Viera
Philips: PhilipsTV, Xenium
Point of View: POV
Positivo: Twist
Prestigio: Grace, MultiPad, MultiPhone, Muze, Wize
Realme: Narzo
Retroid Pocket: Retroid
RIM: BB10, BlackBerry, PlayBook
Rivo: Rhythm
Rover Computers: Rover, RoverPad
Sagem: myV, myX
Samsung: Galaxy, Maple, SEC
Sber: SberBox, SberPortal
Sega: Dreamcast
Sencor: Element 10, Element 7, Element 8, Element 9
Seuic: AutoID, Cruise
Sharp: AQUOS
Siemens: SIE
Sigma: Comfort, SigmaMobile, X treme
Sirin Labs: Finney
SKK Mobile: SKK
Smartfren: Andromax
Soho Style: Soho
Sony: Bravia, PlayStation, VAIO Tap, Walkman, Xperia
Sparx: NEO
Spice: Coolpad Mega, Smart Flo
STF Mobile: STF
STG Telecom: STG
Storex: eZee, eZeeTab
Swipe: Elite Note, Konnect
T-Mobile: REVVL, Sparq
TechniSat: TechniPad, TechniPhone
Tecno Mobile: Camon, Phantom, Pouvoir, Pova, Spark, Tecno
teXet: NaviPad, X pad
Thomson: TH Tab
Toshiba: Dynabook, Encore, Excite, Portege, Qosmio, Regza, Satellite, Tecra, Thrive
TrekStor: Primebook, PrimeTab, SurfTab, VolksTablet, Xintroni
True: SMART 4G, True Smart
TWZ Corporation: OX X, TWZ
Ulefone: Armor, Power Armor
Umax: VisionBook
UMIDIGI: Bison, UMI
Unihertz: Atom XL, Jelly, Titan Pocket
UZ Mobile: UZ
Verizon: Ellipsis
Vestel: Venus
VGO TEL: VGO
Videocon: Infinium, Krypton
ViewSonic: ViewPad, vsi
Vivo: iQOO
VK Mobile: VK
Vodafone: GigaTV, Smart first, Smart prime, Smart turbo, Smart ultra, VFD
Vonino: Magnet, Onyx, Pluri, Xavy
Walton: Primo
Weimei: WeForce
Wiko: Barry, Birdy, Cink, Darkmoon, Darknight, Darkside, Fever, Freddy, Getaway, Harry, Highway,
 Jerry, Kenny, Lenny, Ozzy, Pulp, Rainbow, Ridge, Robby, Stairway, Sunny2, Tommy, UFeel, Upulse,
 View2, View3, View4, View5
Wileyfox: Spark Plus, Swift 2
Wolder: miTab, WIAM
Woxter: Zielo
X-TIGI: JOY10
X-View: Quantum Q
Xiaomi: BlackShark, Mi, MiBOX, MiPad, MiTV, MIX, Pad 5, Pad 6, Redmi
Yandex: YNDX
Yezz: Andy
Zebra: TC
Zen: Admire, Cinemax, Ultrafone
ZTE: Avid, Axon, Blade, Grand X, Kis, Libero, Quest 5, ZMAX
Zuum: Magno
"""
