"""Tables: what an authority gives before a model may be had, and the words that make it a gate."""

from __future__ import annotations

from freehold.civic.clauses.finding import RedLine
from freehold.civic.clauses.wording import words

OFFICE = (
    r"(?:[\w-]+ ){0,3}?(?:secretary|commission|commissioner|agency|department|attorney general"
    r"|board|bureau|office|director|division|authorit(?:y|ies)|administrator|institute|president"
    r"|government|minister|ministry|regulator|registrar|superintendent|council|panel|tribunal"
    r"|cent(?:er|re)|notified body|inspectorate|state|cabinet|governor)"
)
"""Whoever may give or refuse leave, with the words before."""
_OUTSIDER = (
    rf"(?:{OFFICE}|(?:an? |the )?(?:[\w-]+ ){{0,3}}?(?:accredited|independent|third[- ]party"
    rf"|licensed)"
    r" (?:[\w-]+ ){0,2}?(?:auditor|evaluator|assessor|laboratory|body|party|verifier))"
)
_NOUNS = r"(?:permission|authori[sz]ations?|consent|clearance|sign-off|assent|concurrence)"
LEAVE = {
    RedLine.LICENCE: words(
        r"licen[cs](?:e|es|ed|ing|ure|able)",
        r"(?:an?|any|the|such|its|valid|required|operating|training|development|current|ai)"
        r" (?:[\w-]+ ){0,3}?permits?(?! (?:the|an?|any|access|users?)\b)",
        r"permits? (?:from|issued|under|required|granted|is|has)",
        r"sanction(?: of|\b(?=[^.;]{0,30}\b(?:authority|government|minister)))|sanctioned",
        r"warrants? of",
        r"charters?(?= (?:granted|issued|from|of))",
        r"permissive documents?",
    ),
    RedLine.REGISTRATION: words(
        r"regist(?:er|ers|ered|ering|ration|rations|ry|ries)",
        r"enrol(?:l?ed|ls?|l?ment)",
        r"(?:entered|recorded|inscribed|listed|appears?) (?:in|on) (?:the|an?) (?:[\w-]+"
        r" )?(?:register|registry|roll|ledger)",
        r"(?:record|algorithm|security)[- ]filing",
        r"filing (?:formalit\w+|procedures?|with)",
        r"(?:disclosures?|statements?|declarations?|notices?|forms?)(?: statements?)? (?:\w+"
        r" ){0,3}?(?:filed|on file|lodged)",
        r"(?:identification|registration|serial) numbers?",
        r"(?:names?|address(?:es)?)[^.;]{0,60} (?:is|are) (?:on file|filed|lodged|recorded) with",
        r"(?:delivered|lodged|filed|given) (?:to|with) (?:the )?"
        + OFFICE
        + r" an? (?:declaration|statement of"
        r" identity)",
    ),
    RedLine.CERTIFIED_ONLY: words(
        r"certif(?:y|ies|ied|icate|icates|ication|ications)(?! in writing)",
        r"accredit(?:ed|ation)",
        r"(?:approved|authori[sz]ed|white|allowed?|permitted|vetted|trusted|licensed)[- ]"
        r"(?:lists?|models?|vendors?|makers?|developers?|suppliers?|repositor(?:y|ies)|sources?"
        r"|providers?|software)",
        r"(?:on|in) (?:the|a) (?:[\w-]+ )?(?:list|roster|catalog(?:ue)?|register of approved)",
        r"(?:included|listed|named|entered) (?:on|in) (?:the|an?) (?:[\w-]+ ){0,4}?"
        r"(?:list|roster|catalog(?:ue)?|schedule of)",
        r"(?:list|roster|catalog(?:ue)?) of (?:[\w-]+ )?(?:approved|certified|authori[sz]ed"
        r"|permitted|allowed|vetted|trusted|evaluated)",
        r"(?:conformity|compliance|ce|safety|trust|quality|approval) (?:mark(?:ing)?s?|seals?"
        r"|labels?|stamps?)",
        r"(?:an?|the|such|approved|official) (?:\w+ )?seals?",
        r"attest(?:ed|ation)s?",
        r"designated (?:as )?(?:trusted|safe|compliant)",
    ),
    RedLine.PRECLEARANCE: words(
        r"(?:pre-?)?approv(?:al|als|ed|es|e|ing)",
        r"conformity assessments?",
        r"certif(?:ies|ied) in writing",
        r"pre-?clear(?:ed|ance)",
        r"pre-?market (?:applications?|reviews?|notifications?|submissions?)",
        r"(?:safety |security )?clearance",
        r"cleared",
        rf"(?:{_NOUNS}|review|leave|determination|evaluation)"
        rf" (?:of|from|by|issued by) (?:the|an?|its|such)? ?{OFFICE}",
        rf"{OFFICE}(?:'s)? (?:prior |written |express |final |explicit )*"
        rf"(?:{_NOUNS}|review|determination|statement|finding|no-objection)",
        r"(?:obtaining|receiving|having|first|without|the|such|any|previous) (?:the"
        r" )?(?:requisite |required "
        r"|necessary |prior |previous )?(?:permission|authori[sz]ation|sanction)(?! (?:of|from"
        r"|by) the (?:individual|user|owner|person|subject|patient|copyright))",
        rf"(?:prior|explicit|written|express|formal|necessary) (?:\w+ )?{_NOUNS}",
        r"authori[sz]ations? (?:under|pursuant|is|has|issued|granted)",
        rf"{OFFICE} (?:(?:has|have|had|shall have|may) )?(?:not )?(?:first )?(?:\w+ly )?"
        r"(?:determin|review|evaluat|consent|agree|authori[sz]|found|finds|object|disapprov"
        r"|complet|conclud|allow|permit|cleared|confirm|declar|decid|inform|notif|respond"
        r"|satisf|inspect|examin|test|raised|sign)\w*",
        rf"(?:evaluat|review|inspect|examin|tested|audited|assess|verified|cleared|vetted|authori[sz]"
        rf")\w* by (?:the |an? )?{_OUTSIDER}",
        r"(?:complet|pass)\w* [^.;]{0,40}?\b(?:federal|national|state|official|required"
        r"|prescribed|mandatory)\b[^.;]{0,40}?"
        r"\b(?:evaluations?|tests?|testing|inspections?|reviews?|assessments?)",
        r"completion of (?:the|an?|each|such|any) (?:[\w-]+ ){0,2}?(?:reviews?|evaluations?"
        r"|inspections?|determinations?|clearance)",
        r"passed (?:the|each|every|all|an?) [^.;]{0,40}?\b(?:evaluations?|tests?|inspections?"
        r"|reviews?|assessments?|audits?)",
        rf"(?:demonstrat|prov|satisf)\w* (?:[^.;]{{1,60}} )?to (?:the )?(?:satisfaction of"
        rf" )?(?:the )?{OFFICE}",
        rf"satisf(?:ied|ies|y|action of) (?:the )?{OFFICE}",
        r"(?:submit\w*|provid\w*|present\w*|transmit\w*|deliver\w*) [^.;]{0,60}?\b(?:proof"
        r"|evidence|results)\b[^.;]{0,40}?\b(?:safe|safety|evaluations?|tests?|testing)",
        r"complet\w* [^.;]{0,40}?\b(?:evaluation|testing|review|certification) program(?:me)?",
        r"(?:requirements?|conditions?|standards?) of the (?:[\w-]+ ){0,2}?(?:evaluation|testing"
        r"|review|certification|licensing) program(?:me)?",
        r"(?:favou?rable|positive|written|final) (?:\w+ ){0,2}?(?:determination|finding|decision"
        r"|authori[sz]ation|opinion)",
        r"(?:safety|security|government|official) (?:assessment|evaluation|inspection) (?:by|of"
        rf"|conducted by|organi[sz]ed by) {OFFICE}",
        r"security assessments?(?= (?:declaration|application|organi[sz]ed|by|before|with))",
        r"(?:review|waiting|notice|notification|standstill) period",
    ),
}
"""What an authority gives, by red line. The first that a condition names decides."""

ISSUED = words(
    rf"(?:grant|issu|giv|address|designat|recogni[sz]|list|enter|draw|drawn|accept|admit|appoint)\w*"
    rf"(?: [^.;]{{1,40}})? by (?:the |an? )?{OFFICE}",
    rf"{OFFICE} (?:has|shall have|may) (?:\w+ ){{0,2}}?(?:grant|issu|giv|address|designat"
    rf"|recogni[sz]|list"
    r"|enter|accept|admit)\w*",
)
"""How a bill says of a name of its own that it is an authority's to give."""

GATE = words(
    r"unless(?: and until)?",
    r"until",
    r"without(?: first| having)?",
    r"prior to",
    r"before",
    r"only (?:if|when|after|upon|on|with|under|pursuant to|once|from|in accordance with|those"
    r"|where)",
    r"except (?:in (?:accordance|compliance) with|by|if|when|upon|pursuant to|with|under|where|as"
    r" (?:licensed|authori[sz]ed|approved|permitted|the))",
    r"in the absence of",
    r"absent",
    r"not (?:having|licensed|registered|certified|approved|yet)",
    r"un(?:licensed|registered|certified|approved|authori[sz]ed)",
    r"other(?:wise)? than",
    r"(?:is|are|has|have|was|were) not(?: been)?",
    r"do(?:es)? not (?:hold|have|possess|bear|carry|display|appear)",
    r"(?:has|have) no",
    r"(?:is|are) denied",
    r"lack(?:s|ing)?",
    r"save (?:with|as|by|under|upon|if|where)",
    r"pending",
    r"during (?:that|the|such|any)",
    rf"if (?:the|an?) {OFFICE} (?:objects?|disapproves?)",
)
"""Words after which a ban's condition stands."""

GRANTED = words(
    r"(?:is|are|has been|have been|was|were) (?:\w+ )?(?:granted|issued|reinstated|approved|renewed"
    r"|allowed|accepted|in (?:force|effect))",
)
"""A condition that does not name the leave again: `until the application has been granted`."""
