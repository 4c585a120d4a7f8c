"""What people know of the data and of the study, for the pages: a text that is left empty is shown as not stated."""

from typing import Annotated

from pydantic import Field

from radsieve.settings import Settings

Said = Annotated[str, Field(max_length=2000)]
_ONE = r"(10\.\d{4,9}/\S*[^\s,;]|https?://\S*[^\s,;])"
Links = Annotated[str, Field(pattern=rf"^({_ONE}( {_ONE})*)?$")]


class AboutData(Settings):
    """Where images or ratings come from; each text may be empty. Of phantoms the pages know all this by themselves."""

    name: Said
    """Name of the data set, its authors and version."""
    doi: Links
    """DOI (10.1234/abc) or URL under which it was published; several with a space between them."""
    licence: Said
    """Licence or terms of use."""
    sites: Said
    """Hospitals, countries or collections that the images come from."""
    dates: Said
    """When the images were taken, and when the labels were given."""
    participants: Said
    """Who the patients are: how they were chosen, age, sex, disease."""
    acquisition: Said
    """How the images were taken: device, projection, pixel size, original format."""
    processing: Said
    """What was done to the images before this project read them: resized, cropped, re-encoded."""
    ethics: Said
    """Approval, consent, and how the images were de-identified."""
    readers: Said
    """Who gave the labels or drew the masks: how many, their qualification and experience."""
    blinding: Said
    """What readers knew of each other's labels and of the patients, and whether they read independently."""
    reference: Said
    """The reference standard: how a label came about, and why it may be taken for the truth."""


class AboutStudy(Settings):
    """What a report on the study must say besides its figures; each text may be empty."""

    objective: Said
    """Question of the study and hypotheses laid down beforehand."""
    intended_use: Said
    """What the results are for, who is to use them, and at which point of care if any."""
    sample_size: Said
    """How the number of images was arrived at."""
    external_test: Said
    """Whether anything was tested on data of another source, and where that is reported."""
    registration: Said
    """Protocol and registration: where they can be read."""
    funding: Said
    """Who paid, and what part they had in the study."""
    interests: Said
    """Interests of the authors that a reader should know."""
    involvement: Said
    """How patients and the public were involved."""
    availability: Said
    """Where data, code and models can be had, and under which conditions."""
    contact: Said
    """Who maintains the data set and answers questions, and how it will be updated."""
    limits: Said
    """Limits of the study, besides those that the pages name by themselves."""


class About(Settings):
    """What people know of the data and of the study, for the pages. Nothing is computed from it."""

    study: AboutStudy
    """The study as a whole."""
    graded: AboutData
    """The images or ratings of section `source`, graded by experts."""
    chests: AboutData
    """The sets chest, breast and sex of pack_images."""
    findings: AboutData
    """The sets abnormality and gan of pack_images, on which normal and abnormal images are learnt from."""
    lesions: AboutData
    """The set skin of pack_images."""
    latents: AboutData
    """The table of latents, where prepare_latents.table names one."""
    rows: AboutData
    """The tables of pack_tables."""
    classes: AboutData
    """The image sets of prepare_images, those from outside included."""
    texts: AboutData
    """The works of pack_texts."""


class ReportingSections(Settings):
    """The sections of params.yaml that pages alone read, in its order."""

    about: About
