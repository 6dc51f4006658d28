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
        "Tashkent", "Turkistan", "Syrdarya", "Kyzylorda", "Jizzakh", "Mangystau", "Navoi", "Zhetysu", "Bukhara", "Ulytau",
        "Fergana", "Abai", "Andijan",
    ]

    static let ministers = [
        "Nurzhan Nurzhigitov", "Shavkat Khamraev", "Marat Karabayev", "Ilkhom Makhkamov", "Almasadam Satkaliyev",
        "Jurabek Mirzamakhmudov", "Sayasat Nurbek", "Kongratbay Sharipov", "Aidarbek Saparov", "Ibrokhim Abdurakhmonov",
    ]
}
