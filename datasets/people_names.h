#pragma once

#include <string_view>

namespace polarway::datasets {

/// A first or last name.
struct NamePart {
  std::string_view written;  ///< In the name.
  std::string_view mailed;   ///< In the address, where it must be ASCII.
};

inline constexpr NamePart kFirstNames[] = {
    {"Alice", "alice"},         {"Bruno", "bruno"},
    {"Chloé", "chloe"},         {"David", "david"},
    {"Elif", "elif"},           {"François", "francois"},
    {"Grace", "grace"},         {"Håkon", "hakon"},
    {"Inês", "ines"},           {"Jürgen", "juergen"},
    {"Katarzyna", "katarzyna"}, {"Liam", "liam"},
    {"María", "maria"},         {"Nikolai", "nikolai"},
    {"Olivia", "olivia"},       {"Paulo", "paulo"},
    {"Quentin", "quentin"},     {"Rosa", "rosa"},
    {"Søren", "soren"},         {"Tomasz", "tomasz"},
    {"Ulrike", "ulrike"},       {"Victor", "victor"},
    {"Wanjiru", "wanjiru"},     {"Xiomara", "xiomara"},
    {"Yasmin", "yasmin"},       {"Zoë", "zoe"},
    {"陽子", "yoko"},           {"Дмитрий", "dmitri"},
    {"Emma", "emma"},           {"Noah", "noah"},
    {"Sofia", "sofia"},         {"James", "james"},
};

inline constexpr NamePart kLastNames[] = {
    {"Smith", "smith"},
    {"García", "garcia"},
    {"Müller", "mueller"},
    {"Rossi", "rossi"},
    {"Dubois", "dubois"},
    {"Kowalski", "kowalski"},
    {"O'Brien", "obrien"},
    {"Nguyễn", "nguyen"},
    {"Silva", "silva"},
    {"Jensen", "jensen"},
    {"Yılmaz", "yilmaz"},
    {"Ivanova", "ivanova"},
    {"Andersson", "andersson"},
    {"Tanaka", "tanaka"},
    {"Kim", "kim"},
    {"Mwangi", "mwangi"},
    {"van den Berg", "vandenberg"},
    {"Novák", "novak"},
    {"Papadopoulos", "papadopoulos"},
    {"Singh", "singh"},
    {"Cohen", "cohen"},
    {"Johnson", "johnson"},
    {"Brown", "brown"},
    {"Lefèvre", "lefevre"},
    {"Schäfer", "schaefer"},
    {"Costa", "costa"},
    {"Popescu", "popescu"},
    {"Haddad", "haddad"},
    {"Okafor", "okafor"},
    {"Lindqvist", "lindqvist"},
    {"鈴木", "suzuki"},
    {"Fernández", "fernandez"},
};

inline constexpr std::string_view kCountries[] = {"US", "DE", "FR", "BR", "IN", "JP", "GB", "PL",
                                                  "ES", "IT", "NL", "SE", "DK", "NO", "TR", "KE",
                                                  "NG", "MX", "CA", "KR", "VN", "PT"};
inline constexpr std::string_view kMailHosts[] = {"example.com", "example.org", "example.net",
                                                  "mail.example"};

}  // namespace polarway::datasets
