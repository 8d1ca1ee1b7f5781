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
}

/// <summary>The reason codes of <see cref="MappingFailure"/>.</summary>
internal static class MappingFailures
{
    /// <summary>How many there are.</summary>
    public const int Count = (int)MappingFailure.PhoneCountryUnknown + 1;

    /// <summary>Reason code of a record without a value for the identity key.</summary>
    public const string IdentityKeyMissing = "identity_key_missing";

    /// <summary>Reason code of a record whose attributes are not a flat JSON object.</summary>
    public const string AttributesMalformed = "attributes_malformed";

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
        _ => throw new ArgumentOutOfRangeException(nameof(failure), failure, "There is no code for success."),
    };
}
