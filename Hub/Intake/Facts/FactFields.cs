using System.Text;
using System.Text.Json;
using IntegrationHub.Identity;

namespace IntegrationHub.Hub.Intake.Facts;

/// <summary>
/// Reads the fields of a JSON object one by one. What is missing or wrong is noted with its path and read as null, so that reading goes on.
/// </summary>
internal sealed class FactFields
{
    private const int MaxName = 255;
    private readonly JsonElement? _json;
    private readonly string _prefix;
    private readonly List<FactDefect> _defects;

    private FactFields(JsonElement? json, string prefix, List<FactDefect> defects) => (_json, _prefix, _defects) = (json, prefix, defects);

    /// <summary>The first thing that is wrong, or null.</summary>
    public FactDefect? Defect => _defects.Count == 0 ? null : _defects[0];

    /// <summary>True when the object is there.</summary>
    public bool IsPresent => _json is not null;

    /// <summary>The properties of the object; none when it is not there.</summary>
    public IEnumerable<JsonProperty> Properties => _json?.EnumerateObject() ?? Enumerable.Empty<JsonProperty>();

    /// <summary>Begins to read a fact.</summary>
    /// <param name="fact">The fact, an object.</param>
    /// <param name="known">What is known to be wrong with it already, or null.</param>
    public static FactFields Of(JsonElement fact, FactDefect? known) => new(fact, "", known is null ? [] : [known]);

    /// <summary>Notes that a field is wrong.</summary>
    public void Fail(string name, string code, string problem) => _defects.Add(new FactDefect(_prefix + name, code, problem));

    /// <summary>An object that must be there.</summary>
    public FactFields Object(string name) => Object(name, required: true);

    /// <summary>An object that may be missing or null.</summary>
    public FactFields OptionalObject(string name) => Object(name, required: false);

    /// <summary>A text that must be there and hold something.</summary>
    public string? Text(string name, int max) => Text(name, max, required: true);

    /// <summary>A text that may be missing, null or blank.</summary>
    public string? OptionalText(string name, int max) => Text(name, max, required: false);

    /// <summary>An id, which may be missing. A number is no id, since leading zeros would be lost on the way; it is noted, and read as it is spelled.</summary>
    public string? Id(string name, int max)
    {
        if (Find(name, required: false) is { ValueKind: JsonValueKind.Number } number)
        {
            Fail(name, "not_a_text", "must be a text; put the number in quotes");
            return number.GetRawText();
        }

        return Key(name, max);
    }

    /// <summary>A key of a person, which may be missing. A word that says so in its place would be shared by many.</summary>
    public string? Key(string name, int max)
    {
        var text = OptionalText(name, max);
        if (SpoiltId.SaysNothing(text))
        {
            Fail(name, "says_nothing", "holds a word for no value, and many would share it as their key; leave it out, or write null");
        }
        else if (SpoiltId.IsRounded(text))
        {
            Fail(name, "id_rounded", "is a number that a spreadsheet has rounded, so that it may be anybody's; send the id as a text");
        }

        return text;
    }

    /// <summary>An id that must be there.</summary>
    public string? RequiredId(string name, int max)
    {
        var isNumber = Find(name, required: true) is { ValueKind: JsonValueKind.Number };
        return isNumber ? Id(name, max) : Has(name) ? Text(name, max) : null;
    }

    /// <summary>True when the field is there and not null.</summary>
    public bool Has(string name) => Find(name, required: false) is not null;

    /// <summary>A UUID that is not empty.</summary>
    public Guid? Uuid(string name)
    {
        if (Find(name, required: true) is not { } value)
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.String && value.TryGetGuid(out var id) && id != Guid.Empty)
        {
            return id;
        }

        Fail(name, "uuid_malformed", "must be a UUID with hyphens that is not empty; mint one per fact and keep it on every resend");
        return null;
    }

    /// <summary>An instant; one without an offset is in UTC, never in the zone of a machine.</summary>
    /// <param name="name">Field.</param>
    /// <param name="latest">What is later comes from a clock that is wrong.</param>
    public DateTimeOffset? Time(string name, DateTimeOffset latest)
    {
        if (Find(name, required: true) is not { } value)
        {
            return null;
        }

        if (!ScalarReading.TryReadTime(value, out var time) || time < DateTimeOffset.UnixEpoch)
        {
            Fail(name, "time_malformed", "must be a time of RFC 3339 from 1970 on, for example 2026-11-26T12:00:00Z or 2026-11-26T13:00:00+01:00");
            return null;
        }

        if (time > latest)
        {
            Fail(name, "in_the_future", "is more than five minutes ahead of the hub's clock; set the producer's clock, or send the offset with the time");
            return null;
        }

        return time;
    }

    /// <summary>An instant, which may be missing and may be to come; one without an offset is in UTC.</summary>
    public DateTimeOffset? OptionalTime(string name) => Has(name) ? Time(name, DateTimeOffset.MaxValue) : null;

    /// <summary>A day, which may be missing.</summary>
    public DateOnly? OptionalDate(string name)
    {
        if (Find(name, required: false) is not { } value)
        {
            return null;
        }

        if (ScalarReading.TryReadDay(value, out var day))
        {
            return day;
        }

        Fail(name, "date_malformed", "must be a day, for example 2026-11-26");
        return null;
    }

    /// <summary>A truth value that must be there.</summary>
    public bool? Flag(string name) => Flag(name, required: true);

    /// <summary>A truth value, which may be missing.</summary>
    public bool? OptionalFlag(string name) => Flag(name, required: false);

    private bool? Flag(string name, bool required)
    {
        if (Find(name, required) is not { } value)
        {
            return null;
        }

        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return value.GetBoolean();
        }

        Fail(name, "not_a_boolean", "must be true or false");
        return null;
    }

    /// <summary>A decimal number that must be there, which may be spelled as a text.</summary>
    public decimal? Amount(string name, decimal least) => Amount(name, least, required: true);

    /// <summary>A decimal number, which may be missing and may be spelled as a text.</summary>
    public decimal? OptionalAmount(string name, decimal least) => Amount(name, least, required: false);

    /// <summary>A number.</summary>
    public double? Number(string name, bool required)
    {
        if (Find(name, required) is not { } value)
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsFinite(number))
        {
            return number;
        }

        Fail(name, "number_malformed", "must be a number; write it without quotes");
        return null;
    }

    /// <summary>A currency.</summary>
    public string? Currency(string name, bool required)
    {
        var currency = Text(name, MaxName, required);
        if (currency is not null && !(currency.Length == 3 && currency.All(char.IsAsciiLetterUpper)))
        {
            Fail(name, "currency_malformed", "must be an ISO 4217 code in capitals, for example EUR");
        }

        return currency;
    }

    /// <summary>A whole number, or what it is when it is missing.</summary>
    public int? Count(string name, int missing, int least)
    {
        if (Find(name, required: false) is not { } value)
        {
            return missing;
        }

        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= least)
        {
            return number;
        }

        Fail(name, "integer_malformed", $"must be a whole number from {least.ToString(System.Globalization.CultureInfo.InvariantCulture)} on");
        return null;
    }

    /// <summary>The object alone, as JSON.</summary>
    public string ToJson() => Encoding.UTF8.GetString(RelaxedJson.Object(writer =>
    {
        foreach (var property in Properties)
        {
            property.WriteTo(writer);
        }
    }));

    /// <summary>An object of texts, numbers, booleans and nulls.</summary>
    public FactFields Scalars(string name, bool required)
    {
        var fields = Object(name, required);
        foreach (var property in fields.Properties)
        {
            if (property.Name.Length is 0 or > MaxName || property.Name[0] == '$')
            {
                fields.Fail(property.Name.Length > MaxName ? property.Name[..MaxName] : property.Name, "name_malformed", "must have a name of 1 to 255 characters that does not begin with $");
            }
            else if (property.Value.ValueKind is JsonValueKind.Object or JsonValueKind.Array)
            {
                fields.Fail(property.Name, "not_scalar", "must be a text, a number, true, false or null; send one attribute per value, of an object address_city in place of city in address, of a list one truth value per element");
            }
        }

        return fields;
    }

    private decimal? Amount(string name, decimal least, bool required)
    {
        if (Find(name, required) is not { } value)
        {
            return null;
        }

        if (ScalarReading.TryReadNumber(value, out var number) && number >= least)
        {
            return number;
        }

        Fail(name, "number_malformed", $"must be a decimal number from {least.ToString(System.Globalization.CultureInfo.InvariantCulture)} on");
        return null;
    }

    private FactFields Object(string name, bool required)
    {
        var value = Find(name, required);
        if (value is { ValueKind: not JsonValueKind.Object })
        {
            Fail(name, "not_an_object", "must be an object");
            value = null;
        }

        return new FactFields(value, $"{_prefix}{name}.", _defects);
    }

    private string? Text(string name, int max, bool required)
    {
        if (Find(name, required) is not { } value)
        {
            return null;
        }

        if (value.ValueKind != JsonValueKind.String)
        {
            Fail(name, "not_a_text", "must be a text; put it in quotes");
            return null;
        }

        if (UnreadableText.TryRead(value) is not { } text)
        {
            Fail(name, "text_unreadable", "holds a NUL character or half a surrogate pair");
            return null;
        }

        if (text.Length > max)
        {
            Fail(name, "too_long", $"is longer than {max.ToString(System.Globalization.CultureInfo.InvariantCulture)} characters");
            return null;
        }

        if (string.IsNullOrWhiteSpace(text))
        {
            if (required)
            {
                Fail(name, "missing", "is blank; it must say something");
            }

            return null;
        }

        return text;
    }

    private JsonElement? Find(string name, bool required)
    {
        if (_json is not { } json)
        {
            return null;
        }

        if (json.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null)
        {
            return value;
        }

        if (required)
        {
            Fail(name, "missing", "is missing");
        }

        return null;
    }
}
