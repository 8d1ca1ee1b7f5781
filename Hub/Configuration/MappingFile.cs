using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Identity;

namespace IntegrationHub.Hub.Configuration;

/// <summary>How canonical attributes become a vendor's fields.</summary>
internal sealed record MappingFile
{
    /// <summary>Name, which is the file name without its extension.</summary>
    public required string Name { get; init; }

    /// <summary>True when the vendor takes only ASCII e-mail addresses.</summary>
    public required bool EmailAsciiOnly { get; init; }

    /// <summary>Attributes that no snapshot column brings because they come in by events.</summary>
    public required IReadOnlyList<string> EventAttributes { get; init; }

    /// <summary>Fields in the order of the file.</summary>
    public required IReadOnlyList<FieldMapping> Fields { get; init; }

    /// <summary>Hash of the file's text: another text is another version.</summary>
    public required string Version { get; init; }
}

/// <summary>One vendor field and how it is made.</summary>
internal sealed record FieldMapping
{
    /// <summary><c>external_id</c>, <c>email</c>, <c>phone</c> or a canonical attribute, the first where it is made of several; empty with a <see cref="Constant"/>.</summary>
    public required string From { get; init; }

    /// <summary>What it is made of beside <see cref="From"/>, in order; empty for most.</summary>
    public IReadOnlyList<string> Beside { get; init; } = [];

    /// <summary>What becomes of several sources.</summary>
    public Combination Combine { get; init; } = Combination.First;

    /// <summary>What stands between the parts with <see cref="Combination.Concat"/>.</summary>
    public string Separator { get; init; } = "";

    /// <summary>The same value for everybody, as the vendor gets it; null where it is made of what is known of the person.</summary>
    public FieldValue? Constant { get; init; }

    /// <summary>The value of whoever has none, as the vendor gets it; null for none.</summary>
    public FieldValue? Default { get; init; }

    /// <summary>Time zone in which texts without an offset are read, and in which the day of an instant is taken, with <see cref="MappedType.Date"/> and <see cref="MappedType.Datetime"/>; null for none.</summary>
    public TimeZoneInfo? Zone { get; init; }

    /// <summary>Last day, in UTC, on which it is written, beside the field that replaces it; null for ever.</summary>
    public DateOnly? Until { get; init; }

    /// <summary>True once its last day is over.</summary>
    public bool IsOver(DateTimeOffset now) => DateOnly.FromDateTime(now.UtcDateTime) > Until;

    /// <summary>What its value is made of, in order; empty for a constant.</summary>
    public IReadOnlyList<string> Sources => Constant is not null ? [] : [From, .. Beside];

    /// <summary>Every attribute and key that it reads.</summary>
    public IReadOnlyList<string> Reads => CountryFrom is null ? Sources : [.. Sources, CountryFrom];

    /// <summary>What its value is made of, for people.</summary>
    public string Source => Constant is not null ? "a constant" : string.Join(Combine == Combination.Concat ? " and " : " or ", Sources);

    /// <summary>The vendor's field, or a property or element of one, by its name as a <see cref="FieldAddress"/>.</summary>
    public required string To { get; init; }

    /// <summary>What the value is turned into.</summary>
    public required MappedType Type { get; init; }

    /// <summary>Steps over the text, in order, before it is turned into the type.</summary>
    public IReadOnlyList<TextTransform> Transforms { get; init; } = [];

    /// <summary>Source word to vendor word; a word that is not listed is an error. Null to take every text.</summary>
    public IReadOnlyDictionary<string, string>? Values { get; init; }

    /// <summary>Words that mean "no value", as spelled in the source; blank text always does.</summary>
    public IReadOnlyList<string> NullWords { get; init; } = [];

    /// <summary>Exact .NET date formats, tried in order, with <see cref="MappedType.Date"/> and <see cref="MappedType.Datetime"/>; the latter also reads ISO 8601 with an offset without being told.</summary>
    public IReadOnlyList<string> Formats { get; init; } = [];

    /// <summary>Words for true with <see cref="MappedType.Boolean"/>, compared without regard to case.</summary>
    public IReadOnlyList<string> TrueWords { get; init; } = [];

    /// <summary>Words for false with <see cref="MappedType.Boolean"/>, compared without regard to case.</summary>
    public IReadOnlyList<string> FalseWords { get; init; } = [];

    /// <summary>Last year that two digits may mean, with a date format of two-digit years: 2026 reads 45 as 1945; null when no format has them.</summary>
    public int? TwoDigitYearsTo { get; init; }

    /// <summary>What stands before the fraction in a text, with <see cref="MappedType.Number"/> and <see cref="MappedType.Integer"/>.</summary>
    public DecimalSign Decimal { get; init; } = DecimalSign.Point;

    /// <summary>
    /// Country of a phone number that names none, ISO 3166 code, with <see cref="MappedType.Phone"/>; null to take the destination's, and
    /// to refuse such numbers where that names none either.
    /// </summary>
    public string? DefaultCountry { get; init; }

    /// <summary>Attribute that holds the person's country, ISO 3166 code, with <see cref="MappedType.Phone"/>; goes before the default. Null for none.</summary>
    public string? CountryFrom { get; init; }

    /// <summary>What an absent value does.</summary>
    public NullRule OnNull { get; init; } = NullRule.Omit;

    /// <summary>What a value that cannot be turned into the type does.</summary>
    public ErrorRule OnError { get; init; } = ErrorRule.Reject;

    /// <summary>Who owns the field at the vendor: only <see cref="FieldOwner.Hub"/> fields are sent.</summary>
    public FieldOwner Owner { get; init; } = FieldOwner.Hub;

    /// <summary>Whether the field may change after it was first set.</summary>
    public FieldMutability Mutability { get; init; } = FieldMutability.Mutable;

    /// <summary>True when its elements are added to what the vendor's field has, which is no element of a list itself.</summary>
    public bool IsAddedTo => Mutability == FieldMutability.AppendOnly && FieldAddress.Of(To).Element is null;

    /// <summary>What stands between the elements of a value that is added.</summary>
    public string ElementSeparator { get; init; } = ElementText.UsualSeparator;

    /// <summary>How sensitive the attribute is; null where the mapping does not say it.</summary>
    public FieldClassification? Classification { get; init; }
}

/// <summary>What a value is turned into.</summary>
internal enum MappedType
{
    /// <summary>Text.</summary>
    Text,

    /// <summary>An e-mail address, lower case.</summary>
    Email,

    /// <summary>A phone number as E.164, valid by its country's numbering plan.</summary>
    Phone,

    /// <summary>A decimal number.</summary>
    Number,

    /// <summary>A number without fraction.</summary>
    Integer,

    /// <summary>True or false.</summary>
    Boolean,

    /// <summary>A calendar day.</summary>
    Date,

    /// <summary>A moment.</summary>
    Datetime,
}

/// <summary>What becomes of several sources of a field.</summary>
internal enum Combination
{
    /// <summary>The first that has a value is taken.</summary>
    First,

    /// <summary>Those that have a value are joined to one text.</summary>
    Concat,
}

/// <summary>A step over a text.</summary>
internal enum TextTransform
{
    /// <summary>Removes white space at both ends.</summary>
    Trim,

    /// <summary>Lower case.</summary>
    Lower,

    /// <summary>Upper case.</summary>
    Upper,

    /// <summary>Capital first letters of words in a name.</summary>
    TitleCase,

    /// <summary>Removes a currency sign and the commas between thousands.</summary>
    Money,
}

/// <summary>What stands before the fraction of a number.</summary>
internal enum DecimalSign
{
    /// <summary><c>1234.5</c>.</summary>
    Point,

    /// <summary><c>1234,5</c>.</summary>
    Comma,
}

/// <summary>What an absent value does.</summary>
internal enum NullRule
{
    /// <summary>The field is not sent; the vendor keeps what it has.</summary>
    Omit,

    /// <summary>The field is cleared at the vendor.</summary>
    Clear,

    /// <summary>The record is rejected.</summary>
    Reject,
}

/// <summary>What a value that cannot be turned does.</summary>
internal enum ErrorRule
{
    /// <summary>The record is rejected.</summary>
    Reject,

    /// <summary>The field is not sent, and the record says so.</summary>
    Drop,
}

/// <summary>Who owns a field.</summary>
internal enum FieldOwner
{
    /// <summary>The hub writes it.</summary>
    Hub,

    /// <summary>The vendor's users write it; the hub never sends it.</summary>
    Vendor,
}

/// <summary>Whether a field may change.</summary>
internal enum FieldMutability
{
    /// <summary>It may.</summary>
    Mutable,

    /// <summary>It is written where the vendor has no value, and what the vendor has stays.</summary>
    FillEmpty,

    /// <summary>It is written once to each person, and never again, whatever becomes of the value here or there.</summary>
    WriteOnce,

    /// <summary>An element of a list is put in, and never taken out; elements of a text are added to those that the vendor has.</summary>
    AppendOnly,

    /// <summary>It identifies the person and stays.</summary>
    Immutable,
}

/// <summary>How sensitive an attribute is, the least first.</summary>
internal enum FieldClassification
{
    /// <summary>Says nothing about a person.</summary>
    Public,

    /// <summary>Personal data.</summary>
    Personal,

    /// <summary>Personal data that asks for more care: it leaves only where policy names it.</summary>
    Sensitive,
}
