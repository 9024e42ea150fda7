"""Cities, and the documentation addresses that are said to be there.

The networks are those of RFC 5737 and RFC 3849, which belong to nobody; the cities
are real, that these addresses were there is not.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_network

from sessions_hub.understanding import Place


@dataclass(frozen=True, slots=True)
class Town:
    """A city, its network and who is said to run it."""

    name: str
    region: str
    country_code: str
    country: str
    latitude: float
    longitude: float
    time_zone: str
    network: str
    operator: str

    def address(self, number: int = 7) -> str:
        """The address with this number in the city's network."""
        return str(ip_network(self.network)[number])

    @property
    def place(self) -> Place:
        """What the demo's GeoIP database tells of an address there."""
        return Place(
            country_code=self.country_code,
            region=self.region,
            city=self.name,
            latitude=self.latitude,
            longitude=self.longitude,
            time_zone=self.time_zone,
            autonomous_system=f"AS{operator_number(self.operator)} {self.operator}",
        )


# Where the people of the story sign in.
BERLIN = Town("Berlin", "Land Berlin", "DE", "Germany", 52.52, 13.41, "Europe/Berlin",
              "192.0.2.0/26", "Example Kabel")  # fmt: skip
PARIS = Town("Paris", "Île-de-France", "FR", "France", 48.86, 2.35, "Europe/Paris",
             "192.0.2.64/26", "Exemple Télécom")  # fmt: skip
MILAN = Town("Milan", "Lombardy", "IT", "Italy", 45.46, 9.19, "Europe/Rome",
             "2001:db8:17::/48", "Esempio Fibra")  # fmt: skip
ISTANBUL = Town("Istanbul", "Istanbul", "TR", "Türkiye", 41.01, 28.98, "Europe/Istanbul",
                "192.0.2.128/26", "Örnek Net")  # fmt: skip
SAO_PAULO = Town("São Paulo", "São Paulo", "BR", "Brazil", -23.55, -46.63, "America/Sao_Paulo",
                 "198.51.100.0/26", "Exemplo Banda Larga")  # fmt: skip
NAIROBI = Town("Nairobi", "Nairobi County", "KE", "Kenya", -1.29, 36.82, "Africa/Nairobi",
               "198.51.100.64/26", "Mfano Mobile")  # fmt: skip
MOMBASA = Town("Mombasa", "Mombasa County", "KE", "Kenya", -4.04, 39.67, "Africa/Nairobi",
               "198.51.100.128/26", "Mfano Mobile")  # fmt: skip
OSAKA = Town("Osaka", "Osaka", "JP", "Japan", 34.69, 135.50, "Asia/Tokyo",
             "203.0.113.0/26", "Rei Hikari")  # fmt: skip
TOKYO = Town("Tokyo", "Tokyo", "JP", "Japan", 35.68, 139.69, "Asia/Tokyo",
             "203.0.113.64/26", "Rei Hikari")  # fmt: skip
# Where only the people of the history do.
NEW_YORK = Town("New York", "New York", "US", "United States", 40.71, -74.01, "America/New_York",
                "2001:db8:1001::/48", "Sample Cable")  # fmt: skip
SAN_FRANCISCO = Town("San Francisco", "California", "US", "United States", 37.77, -122.42,
                     "America/Los_Angeles", "2001:db8:1002::/48", "Sample Cable")  # fmt: skip
TORONTO = Town("Toronto", "Ontario", "CA", "Canada", 43.65, -79.38, "America/Toronto",
               "2001:db8:1003::/48", "Sample North")  # fmt: skip
MEXICO_CITY = Town("Mexico City", "Mexico City", "MX", "Mexico", 19.43, -99.13,
                   "America/Mexico_City", "2001:db8:1004::/48", "Ejemplo Cable")  # fmt: skip
BUENOS_AIRES = Town("Buenos Aires", "Buenos Aires F.D.", "AR", "Argentina", -34.61, -58.38,
                    "America/Argentina/Buenos_Aires", "2001:db8:1005::/48",
                    "Ejemplo Sur")  # fmt: skip
LONDON = Town("London", "England", "GB", "United Kingdom", 51.51, -0.13, "Europe/London",
              "203.0.113.128/26", "Specimen Broadband")  # fmt: skip
MADRID = Town("Madrid", "Madrid", "ES", "Spain", 40.42, -3.70, "Europe/Madrid",
              "2001:db8:1011::/48", "Ejemplo Fibra")  # fmt: skip
AMSTERDAM = Town("Amsterdam", "North Holland", "NL", "Netherlands", 52.37, 4.90,
                 "Europe/Amsterdam", "192.0.2.192/26", "Voorbeeld Net")  # fmt: skip
WARSAW = Town("Warsaw", "Mazovia", "PL", "Poland", 52.23, 21.01, "Europe/Warsaw",
              "2001:db8:1012::/48", "Przykład Net")  # fmt: skip
VALLETTA = Town("Valletta", "Valletta", "MT", "Malta", 35.90, 14.51, "Europe/Malta",
                "2001:db8:1013::/48", "Eżempju Net")  # fmt: skip
LAGOS = Town("Lagos", "Lagos", "NG", "Nigeria", 6.45, 3.39, "Africa/Lagos",
             "2001:db8:1021::/48", "Example Mobile")  # fmt: skip
CAPE_TOWN = Town("Cape Town", "Western Cape", "ZA", "South Africa", -33.92, 18.42,
                 "Africa/Johannesburg", "2001:db8:1022::/48", "Voorbeeld Veld")  # fmt: skip
MUMBAI = Town("Mumbai", "Maharashtra", "IN", "India", 19.08, 72.88, "Asia/Kolkata",
              "2001:db8:1031::/48", "Udaharan Mobile")  # fmt: skip
SINGAPORE = Town("Singapore", "Singapore", "SG", "Singapore", 1.29, 103.85, "Asia/Singapore",
                 "2001:db8:1032::/48", "Contoh Fibre")  # fmt: skip
SYDNEY = Town("Sydney", "New South Wales", "AU", "Australia", -33.87, 151.21, "Australia/Sydney",
              "203.0.113.192/26", "Sample South")  # fmt: skip

TOWNS = (
    *(BERLIN, PARIS, MILAN, ISTANBUL, SAO_PAULO, NAIROBI, MOMBASA, OSAKA, TOKYO),
    *(NEW_YORK, SAN_FRANCISCO, TORONTO, MEXICO_CITY, BUENOS_AIRES, LONDON, MADRID, AMSTERDAM),
    *(WARSAW, VALLETTA, LAGOS, CAPE_TOWN, MUMBAI, SINGAPORE, SYDNEY),
)
_OPERATORS = tuple(dict.fromkeys(town.operator for town in TOWNS))
# AS64496 to AS64511 and AS65536 to AS65551 are set aside for documentation (RFC 5398).
_NUMBERS: tuple[int, ...] = (*range(64496, 64512), *range(65536, 65552))


def operator_number(operator: str) -> int:
    """The number of the autonomous system that an operator of these towns is said to run."""
    return _NUMBERS[_OPERATORS.index(operator)]
