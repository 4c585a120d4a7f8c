"""What each rule of the thresholds means, for those who do not read formulas."""

RULES_IN_WORDS = {
    "argmax(tpr-fpr)": "greatest share of good images accepted minus share of bad ones accepted",
    "argmax(2*tpr-fpr)": "greatest twice the share of good images accepted minus share of bad ones accepted",
    "argmax(tpr-2*fpr)": "greatest share of good images accepted minus twice the share of bad ones accepted",
    "tpr>=0.95": "highest threshold that accepts 95% of the good images",
    "argmax(precision)": "greatest share of good images among those accepted",
    "argmin(seconds per good image)": "least time for a good image, with enough of the good latents covered",
    "precision>=floor": "most latents with the share of good images asked for",
    "tpr>=floor with confidence": "highest threshold that accepts the share of good images asked for, with confidence",
}


def explained(rule: str) -> str:
    """The name of a rule with its meaning."""
    return f"{rule} ({RULES_IN_WORDS[rule]})" if rule in RULES_IN_WORDS else rule
