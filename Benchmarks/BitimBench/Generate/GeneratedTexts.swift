internal import Agreements

/// Titles, fields and names for generated agreements: four languages in two scripts, with enough words that a search
/// has something to tell apart.
enum GeneratedTexts {
    struct Subject {
        let field: String
        let en: String
        let kk: String
        let ru: String
        let uz: String
    }

    static let subjects = [
        Subject(
            field: "water resources", en: "joint management and rational use of transboundary water bodies",
            kk: "трансшекаралық су объектілерін бірлесіп басқару және ұтымды пайдалану",
            ru: "совместном управлении и рациональном использовании трансграничных водных объектов",
            uz: "transchegaraviy suv obyektlarini birgalikda boshqarish va oqilona foydalanish"),
        Subject(
            field: "transport", en: "international road carriage of goods and passengers",
            kk: "жүктер мен жолаушыларды халықаралық автомобильмен тасымалдау",
            ru: "международных автомобильных перевозках грузов и пассажиров",
            uz: "yuk va yoʻlovchilarni xalqaro avtomobilda tashish"),
        Subject(
            field: "energy", en: "parallel operation of power systems and exchange of electricity",
            kk: "энергия жүйелерінің қатар жұмыс істеуі және электр қуатын алмасу",
            ru: "параллельной работе энергосистем и обмене электроэнергией",
            uz: "energetika tizimlarining parallel ishlashi va elektr energiyasi ayirboshlash"),
        Subject(
            field: "education", en: "mutual recognition of diplomas and academic degrees",
            kk: "дипломдар мен ғылыми дәрежелерді өзара тану",
            ru: "взаимном признании дипломов и учёных степеней",
            uz: "diplom va ilmiy darajalarni oʻzaro tan olish"),
        Subject(
            field: "agriculture", en: "plant quarantine and protection of seed stock",
            kk: "өсімдіктер карантині және тұқым қорын қорғау", ru: "карантине растений и защите семенного фонда",
            uz: "oʻsimliklar karantini va urugʻlik fondini himoya qilish"),
        Subject(
            field: "health", en: "sanitary protection of the border areas",
            kk: "шекара маңындағы аумақтарды санитариялық қорғау", ru: "санитарной охране приграничных территорий",
            uz: "chegara hududlarini sanitariya jihatidan muhofaza qilish"),
        Subject(
            field: "culture", en: "preservation of the common heritage of the Silk Road",
            kk: "Жібек жолының ортақ мұрасын сақтау", ru: "сохранении общего наследия Шёлкового пути",
            uz: "Ipak yoʻlining umumiy merosini asrash"),
        Subject(
            field: "customs", en: "electronic exchange of customs declarations",
            kk: "кедендік декларацияларды электрондық алмасу", ru: "электронном обмене таможенными декларациями",
            uz: "bojxona deklaratsiyalarini elektron ayirboshlash"),
    ]

    static let places = ["Tashkent", "Astana", "Samarkand", "Almaty", "Shymkent", "Bukhara", "Khiva", "Turkistan"]

    static let regions = [
        "Tashkent", "Turkistan", "Syrdarya", "Kyzylorda", "Jizzakh", "Mangystau", "Navoi", "Zhetysu", "Bukhara",
        "Ulytau",
        "Fergana", "Abai", "Andijan",
    ]

    static let ministers = [
        "Nurzhan Nurzhigitov", "Shavkat Khamraev", "Marat Karabayev", "Ilkhom Makhkamov", "Almasadam Satkaliyev",
        "Jurabek Mirzamakhmudov", "Sayasat Nurbek", "Kongratbay Sharipov", "Aidarbek Saparov", "Ibrokhim Abdurakhmonov",
    ]

    private static let beginnings = [
        ("Ka", "Ка"), ("Sa", "Са"), ("To", "То"), ("Be", "Бе"), ("Mu", "Му"), ("Ko", "Ко"), ("Ta", "Та"), ("Bu", "Бу"),
        ("Na", "На"), ("Do", "До"), ("Ma", "Ма"), ("Ri", "Ри"), ("Su", "Су"), ("Le", "Ле"), ("Ba", "Ба"), ("Gu", "Гу"),
    ]
    private static let middles = [
        ("ra", "ра"), ("li", "ли"), ("mo", "мо"), ("ru", "ру"), ("da", "да"), ("ne", "не"), ("si", "си"), ("to", "то"),
        ("ka", "ка"), ("lu", "лу"), ("mi", "ми"), ("no", "но"), ("ri", "ри"), ("sa", "са"), ("te", "те"), ("bu", "бу"),
    ]
    private static let endings = [
        ("kol", "кол"), ("su", "су"), ("tau", "тау"), ("bulak", "булак"), ("kent", "кент"), ("abad", "абад"),
        ("tobe", "тобе"), ("sai", "сай"), ("oz", "оз"), ("arna", "арна"), ("dala", "дала"), ("kum", "кум"),
        ("bel", "бел"), ("gan", "ган"), ("rud", "руд"), ("darya", "дарья"), ("kurgan", "курган"), ("min", "мин"),
        ("lik", "лик"), ("zar", "зар"), ("ten", "тен"), ("von", "вон"), ("dok", "док"), ("mar", "мар"), ("nur", "нур"),
        ("bek", "бек"), ("tas", "тас"), ("kan", "кан"), ("los", "лос"), ("vil", "вил"), ("sor", "сор"), ("tep", "теп"),
        ("gul", "гул"), ("dim", "дим"), ("rok", "рок"), ("bar", "бар"), ("nit", "нит"), ("kal", "кал"), ("sem", "сем"),
        ("put", "пут"),
    ]

    /// One of 10,240 made-up names of a place, in Latin and in Cyrillic letters: a word that some agreements have in their
    /// titles, and most have not.
    static func place(_ number: Int) -> (latin: String, cyrillic: String) {
        let number = number * 7_919 % 10_240
        let parts = [beginnings[number % 16], middles[number / 16 % 16], endings[number / 256]]
        return (parts.map(\.0).joined(), parts.map(\.1).joined())
    }
}
