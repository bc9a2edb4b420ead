"""Tables: what is done with a model, and what is done to harm."""

from __future__ import annotations

from freehold.civic.clauses.wording import words

TOOL_ACTS = words(
    r"develop(?:s|ed|ing|ment)?",
    r"design(?:s|ed|ing)?",
    r"train(?:s|ed|ing)?",
    r"creat(?:e|es|ed|ing|ion)",
    r"build(?:s|ing)?",
    r"own(?:s|ed|ing|ership)?",
    r"possess(?:es|ed|ing|ion)?",
    r"acquir(?:e|es|ed|ing)",
    r"download(?:s|ed|ing)?",
    r"install(?:s|ed|ing|ation)?",
    r"run(?:s|ning)?",
    r"operat(?:e|es|ed|ing|ion)",
    r"us(?:e|es|ed|ing)",
    r"utili[sz](?:e|es|ed|ing)",
    r"access(?:es|ed|ing)?",
    r"interact(?:s|ed|ing)?",
    r"deploy(?:s|ed|ing|ment)?",
    r"releas(?:e|es|ed|ing)",
    r"publish(?:es|ed|ing)?",
    r"distribut(?:e|es|ed|ing|ion)",
    r"shar(?:e|es|ed|ing)",
    r"open-sourc(?:e|es|ed|ing)",
    r"sell(?:s|ing)?|sold|sale",
    r"offer(?:s|ed|ing)?",
    r"(?:make|makes|making|made)(?: \w+){0,9}? (?:publicly )?available",
    r"provid(?:e|es|ed|ing)(?: public)? access",
    r"host(?:s|ed|ing)?",
    r"modif(?:y|ies|ied|ying|ication)",
    r"fine-?tun(?:e|es|ed|ing)",
    r"import(?:s|ed|ing|ation)?",
    r"export(?:s|ed|ing|ation)?",
    r"transfer(?:s|red|ring)?",
    r"maintain(?:s|ed|ing)?",
    r"execut(?:e|es|ed|ing)",
    r"initiat(?:e|es|ed|ing)(?: \w+){0,4} training",
    r"plac(?:e|es|ed|ing) (?:\w+ ){0,8}?(?:on|into) the market",
    r"introduc(?:e|es|ed|ing)",
    r"commerciali[sz](?:e|es|ed|ing|ation)",
    r"suppl(?:y|ies|ied|ying)",
    r"provi(?:de|des|ded|ding|sion)(?: (?:of )?(?:\w+ ){0,9}?(?:services?|models?|systems?"
    r"|chatbots?)| to)",
    r"services? (?:is|are|may be) (?:first )?provided",
    r"commenc(?:e|es|ed|ing)(?: \w+){0,4} training",
    r"training (?:runs?|jobs?)",
    r"carr(?:y|ies|ied|ying) (?:on|out)",
    r"upload(?:s|ed|ing)?",
    r"post(?:s|ed|ing)?",
    r"stor(?:e|es|ed|ing|age)",
    r"obtain(?:s|ed|ing)?",
    r"market(?:s|ed|ing)?(?! (?:share|power|value|price))",
    r"giv(?:e|es|en|ing)(?: \w+){0,4} access",
    r"conduct(?:s|ing)? business",
    r"put(?:s|ting)? into service",
    r"engag(?:e|es|ed|ing) in the business",
    r"manufactur(?:e|es|ed|ing)",
    r"purchas(?:e|es|ed|ing)",
    r"transport(?:s|ed|ing|ation)?",
    r"mak(?:e|es|ing) (?:an?|any|the) (?:[\w-]+ ){0,3}?(?:models?|systems?)",
    r"cop(?:y|ies|ied|ying)",
    r"leas(?:e|es|ed|ing)",
)

EVALUATION = words(
    r"evaluat(?:e|es|ed|ion|ions)",
    r"test(?:s|ed|ing)?",
    r"review(?:s|ed)?",
    r"assess(?:ed|ment|ments)?",
    r"certification",
    r"clearance",
    r"approval",
    r"licensing",
    r"vetting",
    r"red[- ]team\w*",
)

HARMS = words(
    r"fraud\w*",
    r"decei\w+|decept\w+",
    r"mislead\w*|false(?:ly)?",
    r"impersonat\w+",
    r"misrepresent\w*|represent,? (?:directly|that|itself)|hold (?:itself|themselves|himself) out",
    r"deep ?fakes?|digital forger\w+|synthetic media",
    r"intimate|non-?consensual\w*|sexual\w*|obscen\w+|pornograph\w+",
    r"child(?:ren)?|minors?",
    r"harass\w*|stalk\w*|extort\w*|coerc\w+|threat(?:en\w*)?",
    r"discriminat\w+|bias(?:ed|es)?|disparate|protected (?:class|characteristic)\w*",
    r"self-harm|suicid\w+|violen\w+|injur\w+|death|bodily",
    r"weapons?|terroris\w+|biological|nuclear|chemical",
    r"cyber-?attacks?|malware|hack\w*|sabotage\w*",
    r"manipulat\w+|exploit\w*|addict\w*",
    r"digital replicas?",
    r"defam\w+|infring\w+|plagiari\w+|piracy",
    r"privacy|personal(?:ly identifiable)? (?:data|information)|biometric\w*|consent",
    r"social scor\w+|surveil\w+",
    r"crim(?:es?|inal(?! (?:penalt|liabilit|fine|offen)))|unlawful(?:ly)? (?:act|use|purpose)\w*"
    r"|illegal (?:act|activit)\w*",
    r"harm(?:s|ed|ful|ing)?",
    r"endanger\w*",
    r"abus(?:e|es|ed|ive)",
    r"price-?fixing|collu\w+",
    r"election\w*|candidates?",
)

CONDUCT = words(
    r"(?:reasonable |appropriate |adequate )?(?:cyber)?security (?:measures|protections"
    r"|practices|safeguards|controls|program)",
    r"(?:cybersecurity|security) protections?",
    r"safeguards?",
    r"reasonable care",
    r"risk assessments?|impact assessments?",
    r"risk management",
    r"red[- ]team\w*|adversarial testing",
    r"mitigat(?:e|es|ed|ion)",
    r"age verification|verify (?:the|an|each) (?:\w+ )?age|age data|age assurance",
    r"delet(?:e|es|ed|ion)|de-?identif\w+",
    r"informed consent|consent (?:from|of)",
    r"remov(?:e|es|ed|al) (?:of )?(?:the|such|any|that)",
    r"take ?down",
    r"test(?:s|ed|ing)? (?:[^.;]{1,60} )?for (?:\w+ ){0,2}?(?:risks?|harms?|safety"
    r"|bias\w*|accuracy)",
    r"human (?:review|oversight)",
    r"customer'?s?",
    r"prevent(?:s|ing)?",
    r"independent(?:ly)? audit\w*|audited",
    r"data security|unauthori[sz]ed (?:access|use)",
    r"duty of (?:care|loyalty)",
)
"""How a trade has to behave."""

INTENT = words(
    r"with (?:the )?(?:sole |specific |primary )?(?:intent|intention|purpose)(?: of| to)?",
    r"(?:for|having) the (?:sole |primary |specific )?purposes? of",
    r"in a manner (?:that|which|intended)",
    r"intentionally|knowing(?:ly)?|recklessly|reckless disregard|willful(?:ly)?"
    r"|intend(?:s|ed|ing)? to",
    r"primarily designed",
    r"so as to",
    r"in order to",
)
"""It is the purpose that is forbidden, and not the tool."""

RISK = words(
    r"(?:unreasonable|unacceptable|substantial|significant|severe|serious|catastrophic"
    r"|critical|systemic|undue|high) (?:safety |security )?(?:risk|harm|danger)s?",
    r"poses? a risk",
    r"risks? of (?:critical|catastrophic|severe|serious|mass) (?:harm|injury|damage)s?",
)
