namespace IntegrationHub.Hub.Mapping;

/// <summary>Why a value could not be turned. The order is not stored anywhere; the names of <see cref="MappingFailures"/> are.</summary>
internal enum MappingFailure : byte
{
    /// <summary>It was turned.</summary>
    None,

    /// <summary>There is no value.</summary>
    Missing,

    /// <summary>The value is a JSON object or array.</summary>
    NotScalar,

    /// <summary>Not a number.</summary>
    NumberMalformed,

    /// <summary>Not a number without fraction.</summary>
    IntegerMalformed,

    /// <summary>None of the date formats fits.</summary>
    DateMalformed,

    /// <summary>Neither a word for true nor one for false.</summary>
    BooleanMalformed,

    /// <summary>A word that the mapping does not list.</summary>
    ValueNotMapped,

    /// <summary>Not an e-mail address.</summary>
    EmailMalformed,

    /// <summary>An e-mail address with letters that the vendor refuses.</summary>
    EmailNotAscii,

    /// <summary>Not a phone number.</summary>
    PhoneMalformed,

    /// <summary>A phone number whose country cannot be told.</summary>
    PhoneCountryUnknown,

    /// <summary>A number that its country's numbering plan does not have.</summary>
    PhoneNotValid,

    /// <summary>A point in time where a day is asked for.</summary>
    DateHasTime,

    /// <summary>No point in time, or one that the field's clocks skip.</summary>
    DatetimeMalformed,

    /// <summary>A time of the clock whose place nobody named.</summary>
    DatetimeWithoutZone,
}

/// <summary>The reason codes of <see cref="MappingFailure"/>.</summary>
internal static class MappingFailures
{
    /// <summary>How many there are.</summary>
    public const int Count = (int)MappingFailure.DatetimeWithoutZone + 1;

    /// <summary>Reason code of a record without a value for the identity key.</summary>
    public const string IdentityKeyMissing = "identity_key_missing";

    /// <summary>Reason code of a record whose attributes are not a flat JSON object.</summary>
    public const string AttributesMalformed = "attributes_malformed";

    /// <summary>What to do about a reason code of the mapping, one sentence; null for a code of somebody else.</summary>
    public static string? FixOf(string code) => code switch
    {
        "value_missing" => "Fill the value in, or write on_null: omit or clear for the field.",
        "value_not_scalar" => "State each value as an attribute of its own, flat: address_city in place of address: {city}; a list as one truth value per element. An attribute is one text, number, truth value or null.",
        "number_malformed" => "Write digits with the decimal sign that the mapping names (decimal: point or comma); transforms: [money] reads separators between thousands.",
        "integer_malformed" => "Write a whole number, or map the field as number.",
        "date_malformed" => "Write the day in one of the mapping's formats, or add the format that the source uses.",
        "date_has_time" => "Send the calendar day without a time; at which place the time was is not known. Or name the place: time_zone.",
        "datetime_malformed" => "Write the time as ISO 8601, such as 2026-03-29T10:30:00+02:00, or add the format that the source uses.",
        "datetime_without_zone" => "Write the time with its offset (Z or +02:00), or say where the source's clocks stand: time_zone.",
        "boolean_malformed" => "Write one of the mapping's true_words or false_words, or add the word there.",
        "value_not_mapped" => "Add the word to the field's values, or to null_words.",
        "email_malformed" => "Correct the address in the source; one address per person.",
        "email_not_ascii" => "The vendor takes addresses of ASCII letters only; ask the person for another one.",
        "phone_malformed" => "Write one number of digits, without an extension or words.",
        "phone_not_valid" => "Correct the number: its country has no such number.",
        "phone_country_unknown" => "Write the number with + and its country's code, or name the country: default_country or country_from.",
        IdentityKeyMissing => "Give the person the id that the destination's identity key is mapped from.",
        AttributesMalformed => "State the person's attributes again as a flat JSON object; where schedules show hub.encryption says that values of profiles.attributes do not open, put the row back from a backup.",
        _ => null,
    };

    /// <summary>The reason code.</summary>
    public static string CodeOf(MappingFailure failure) => failure switch
    {
        MappingFailure.Missing => "value_missing",
        MappingFailure.NotScalar => "value_not_scalar",
        MappingFailure.NumberMalformed => "number_malformed",
        MappingFailure.IntegerMalformed => "integer_malformed",
        MappingFailure.DateMalformed => "date_malformed",
        MappingFailure.BooleanMalformed => "boolean_malformed",
        MappingFailure.ValueNotMapped => "value_not_mapped",
        MappingFailure.EmailMalformed => "email_malformed",
        MappingFailure.EmailNotAscii => "email_not_ascii",
        MappingFailure.PhoneMalformed => "phone_malformed",
        MappingFailure.PhoneCountryUnknown => "phone_country_unknown",
        MappingFailure.PhoneNotValid => "phone_not_valid",
        MappingFailure.DateHasTime => "date_has_time",
        MappingFailure.DatetimeMalformed => "datetime_malformed",
        MappingFailure.DatetimeWithoutZone => "datetime_without_zone",
        _ => throw new ArgumentOutOfRangeException(nameof(failure), failure, "There is no code for success."),
    };
}
