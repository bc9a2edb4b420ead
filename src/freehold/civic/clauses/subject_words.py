"""Tables: what a clause may be about. Models and computing, chips, governments, everybody else."""

from __future__ import annotations

from freehold.civic.clauses.wording import words

TOOL = words(
    r"artificial(?:ly)? intelligen(?:ce|t)",
    r"a\.?i\.?(?:-\w+)?",
    r"machine[- ]learning",
    r"deep[- ]learning",
    r"neural networks?",
    r"(?:foundation|frontier|covered|language|generative|diffusion|general[- ]purpose) models?",
    r"generative",
    r"model weights?",
    r"weights",
    r"chat ?bots?",
    r"algorithm(?:s|ic)?",
    r"automated decision\w*",
    r"computational (?:resources?|systems?|technolog\w+|power|equipment|hardware)",
    r"open[- ](?:source|weights?)[- ](?:\w+ )?models?",
    r"comput(?:e|ing) (?:resources?|power|capacity|systems?|technolog\w+)",
    r"right to compute",
    r"superintelligence",
    r"(?:train|fine-tune|run|deploy|release)(?:s|ed|ing)? (?:an?|any|the|such) (?:\w+ )?models?",
    r"robot(?:s|ics?)?",
)
"""What Freehold is about: models, the systems made of them, and the machines they run on."""

MODEL = words(
    r"(?:artificial intelligence|a\.?i\.?|ai)[- ](?:models?|systems?|technolog\w+"
    r"|software|tools?|applications?|programs?|products?|services?)",
    r"models?",
    r"weights",
    r"chat ?bots?",
    r"algorithms?",
    r"software",
    r"systems?",
    r"technolog(?:y|ies)",
)
"""The thing itself, and not what it runs on."""

CHIPS = words(
    r"(?:integrated )?circuits?",
    r"(?:micro)?chips?",
    r"semiconductors?",
    r"graphics processing units?",
    r"gpus?",
    r"processors?",
    r"computing clusters?",
    r"data cent(?:er|re)s?",
    r"hardware",
    r"infrastructure as a service",
    r"comput(?:e|ing) (?:provider|services?)s?",
)
"""Machines sold or rented out: a trade's conduct, and no red line on models."""

GOVERNMENT = words(
    r"(?:under ?|assistant )?secretar(?:y|ies)",
    r"agenc(?:y|ies)",
    r"departments?",
    r"commission(?:er)?s?",
    r"attorneys? general",
    r"administrators?",
    r"directors? of",
    r"director",
    r"boards?",
    r"bureau",
    r"councils?",
    r"offices?",
    r"governor",
    r"government(?:s|al)?(?: (?:entit(?:y|ies)|agenc(?:y|ies)|bod(?:y|ies)))?",
    r"(?<!united )states?(?! of mind)",
    r"political subdivisions?",
    r"municipalit(?:y|ies)",
    r"legislature",
    r"congress",
    r"general (?:court|assembly)",
    r"courts?",
    r"president",
    r"division",
    r"authority",
    r"superintendent",
    r"comptroller general",
    r"task force",
    r"institute",
    r"federal contractors?",
    r"contracting officers?",
    r"chief (?:information|technology) officers?",
    r"law enforcement",
    r"(?:national|federal|state|government) (?:\w+ ){0,3}?(?:cent(?:er|re)|laboratory|panel|body)",
)

PRIVATE = words(
    r"persons?",
    r"people",
    r"individuals?",
    r"(?:\w+ )?developers?",
    r"deployers?",
    r"operators?",
    r"compan(?:y|ies)",
    r"business(?:es)?",
    r"(?:covered |private |other |legal )?entit(?:y|ies)",
    r"providers?",
    r"owners?",
    r"users?",
    r"consumers?",
    r"manufacturers?",
    r"corporations?",
    r"organi[sz]ations?",
    r"persons?",
    r"licensees?",
    r"distributors?",
    r"vendors?",
    r"(?:covered )?platforms?",
    r"importers?",
    r"exporters?",
    r"(?:insurer|employer|landlord|bank|retailer|store|school|hospital|dealer|candidate|broker)s?",
    r"anyone",
    r"whoever",
    r"citizens?",
    r"laborator(?:y|ies)",
    r"facilit(?:y|ies)",
)

THING = words(
    r"models?",
    r"systems?",
    r"software",
    r"chat ?bots?",
    r"devices?",
    r"computers?",
    r"products?",
    r"weights",
    r"technolog(?:y|ies)",
    r"(?:ai )?accelerators?",
    r"tools?",
)

PAPER = words(
    r"registrations?",
    r"applications?",
    r"applicants?",
    r"licen[cs]es?",
    r"certificates?",
    r"registr(?:y|ies)",
    r"register",
    r"reports?",
    r"plans?",
    r"fees?",
    r"protocols?",
    r"rules?",
    r"regulations?",
    r"notices?",
    r"program(?:me)?s?",
    r"forms?",
    r"renewals?",
    r"permits?",
    r"assessments?",
    r"evaluations?",
    r"information",
    r"standards?",
)
"""Subjects that are papers or procedures: what a clause says of them is a detail."""

OTHER_LEAVE = words(
    r"licensed (?:\w+ )?(?:professional|physician|therapist|attorney|lawyer|practitioner|nurse|"
    r"psycholog\w+|counsel\w+|clinician|provider|dentist|social worker|engineer|insurer"
    r"|producer)s?",
    r"licensed,? (?:registered,? )?(?:or |and )?(?:registered|certified)[^.;]{0,80}",
    r"certified (?:mail|copy|public|translation)",
    r"(?:copyright|software|open[- ]source|free|creative commons|royalty[- ]free|exclusive|"
    r"patent|content|driver'?s?|broadcast\w*|liquor|music) licen[cs](?:e|es|ed|ing)",
    r"licen[cs](?:e|es|ing) (?:agreements?|terms|fees? for (?:use|likeness)|of (?:the "
    r")?(?:right|voice|likeness|image)\w*)",
    r"under (?:a|an|the) (?:free|open)[^.;]{0,40}?licen[cs]e\w*",
    r"licen[cs](?:or|ee)s?'? (?:of|to) [^.;]{0,30}(?:voice|likeness|copyright|work)",
    r"motor vehicle regist\w+",
    r"voter regist\w+",
    r"(?:federal|state|texas|california) register",
    r"registered (?:mail|voter|nurse|agent|trademark|copyright)s?",
    r"cash register",
    r"permit(?:s|ted|ting)? (?:the|a|an|any|access|users?|individuals?|persons?|consumers?)",
)
"""Licences, registers and certificates that are not leave to own or run a model."""
