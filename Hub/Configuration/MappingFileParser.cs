using System.Globalization;

namespace IntegrationHub.Hub.Configuration;

/// <summary>Reads <c>mappings/*.yaml</c>.</summary>
internal static class MappingFileParser
{
    private static readonly string[] DefaultTrueWords = ["true"];
    private static readonly string[] DefaultFalseWords = ["false"];

    // April 8th: month first and day first read it differently.
    private static readonly DateOnly SampleDay = new(1966, 4, 8);

    public static MappingFile Parse(ConfigurationFile file)
    {
        var root = file.Root;
        var emailAsciiOnly = root.Flag("email_ascii_only");
        var eventAttributes = root.Texts("event_attributes");
        var fields = new List<FieldMapping>();
        foreach (var section in root.Sections("fields", required: true))
        {
            if (ParseField(section) is not { } field)
            {
                continue;
            }

            if (fields.Exists(f => f.To == field.To))
            {
                section.Fail("to", $"The field {field.To} is mapped twice.", "Map it once.");
            }

            fields.Add(field);
        }

        root.RejectUnknownKeys();
        foreach (var unread in eventAttributes.Where(name => !fields.Exists(f => f.From == name || f.CountryFrom == name)))
        {
            root.Fail("event_attributes", $"No field reads the attribute {unread}.", "Map it, or leave it out.");
        }

        return new MappingFile
        {
            Name = file.Name,
            EmailAsciiOnly = emailAsciiOnly,
            EventAttributes = eventAttributes,
            Fields = fields,
            Version = file.Version,
        };
    }

    private static FieldMapping? ParseField(YamlSection section)
    {
        var from = section.Text("from", required: true);
        var to = section.Text("to", required: true);
        var type = section.Choice<MappedType>("type", required: true);
        var transforms = section.Choices<TextTransform>("transforms");
        var field = new FieldMapping
        {
            From = from ?? "",
            To = to ?? "",
            Type = type ?? MappedType.Text,
            Transforms = transforms,
            Values = ParseValues(section.Section("values")),
            NullWords = section.Texts("null_words"),
            Formats = section.Texts("formats", required: type == MappedType.Date),
            TrueWords = WordsOr(section.Texts("true_words"), DefaultTrueWords),
            FalseWords = WordsOr(section.Texts("false_words"), DefaultFalseWords),
            TwoDigitYearsTo = (int?)section.Number("two_digit_years_to", 1999, 2100),
            Decimal = section.Choice<DecimalSign>("decimal") ?? DecimalSign.Point,
            DefaultCountry = CountryCode.Parse(section, "default_country"),
            CountryFrom = section.Text("country_from"),
            OnNull = section.Choice<NullRule>("on_null") ?? NullRule.Omit,
            OnError = section.Choice<ErrorRule>("on_error") ?? ErrorRule.Reject,
            Owner = section.Choice<FieldOwner>("owner") ?? FieldOwner.Hub,
            Mutability = section.Choice<FieldMutability>("mutability") ?? FieldMutability.Mutable,
            Classification = section.Choice<FieldClassification>("classification"),
        };
        section.RejectUnknownKeys();
        if (from is not null && !ConfigurationNames.IsName(from))
        {
            section.Fail("from", $"{from} is not a good name of an attribute.", ConfigurationNames.Rule);
        }

        if (type is not null)
        {
            CheckKeysFitType(section, field);
            CheckFormats(section, field);
        }

        return from is null || to is null ? null : field;
    }

    private static Dictionary<string, string>? ParseValues(YamlSection? section)
    {
        if (section is null)
        {
            return null;
        }

        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var word in section.Keys)
        {
            if (section.Text(word) is { } vendorWord)
            {
                values[word] = vendorWord;
            }
        }

        if (values.Count == 0)
        {
            section.Fail(section.Line, "values is empty.", "Write source words and vendor words, or remove the key.");
        }

        return values;
    }

    private static void CheckKeysFitType(YamlSection section, FieldMapping field)
    {
        AllowOnly(section, "values", field.Type, MappedType.Text);
        AllowOnly(section, "formats", field.Type, MappedType.Date);
        AllowOnly(section, "two_digit_years_to", field.Type, MappedType.Date);
        AllowOnly(section, "decimal", field.Type, MappedType.Number, MappedType.Integer);
        AllowOnly(section, "true_words", field.Type, MappedType.Boolean);
        AllowOnly(section, "false_words", field.Type, MappedType.Boolean);
        AllowOnly(section, "default_country", field.Type, MappedType.Phone);
        AllowOnly(section, "country_from", field.Type, MappedType.Phone);
        foreach (var transform in field.Transforms)
        {
            var fits = transform switch
            {
                TextTransform.Money => field.Type is MappedType.Number or MappedType.Integer,
                TextTransform.TitleCase => field.Type == MappedType.Text,
                _ => true,
            };
            if (!fits)
            {
                section.Fail(
                    "transforms",
                    $"{(transform == TextTransform.Money ? "money" : "title_case")} does not fit type {field.Type.ToString().ToLowerInvariant()}.",
                    "Use money with number or integer and title_case with text.");
            }
        }

        if (field.CountryFrom is { } country && (!ConfigurationNames.IsName(country) || CanonicalSource.IsKey(country)))
        {
            section.Fail("country_from", $"{country} is not the name of an attribute.", $"Name the attribute that holds the country's code. {ConfigurationNames.Rule}");
        }

        if (field.TrueWords.FirstOrDefault(w => field.FalseWords.Contains(w, StringComparer.OrdinalIgnoreCase)) is { } both)
        {
            section.Fail("true_words", $"{both} is a word for true and for false.", "Let it mean one of them.");
        }
    }

    private static void AllowOnly(YamlSection section, string key, MappedType type, params MappedType[] allowed)
    {
        if (section.Has(key) && !allowed.Contains(type))
        {
            section.Fail(key, $"{key} does not fit type {type.ToString().ToLowerInvariant()}.", $"Remove it, or write type: {string.Join(" or ", allowed).ToLowerInvariant()}.");
        }
    }

    private static void CheckFormats(YamlSection section, FieldMapping field)
    {
        if (field.Type != MappedType.Date)
        {
            return;
        }

        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var format in field.Formats)
        {
            if (TryWriteSample(format) is { } text)
            {
                texts[format] = text;
                if (!text.Contains("1966", StringComparison.Ordinal) && !section.Has("two_digit_years_to"))
                {
                    section.Fail("formats", $"{format} has a year of two digits, which may be meant of two centuries.", "Write the last year that it may mean, for example two_digit_years_to: 2026, or let the source write four digits.");
                }
            }
            else
            {
                section.Fail("formats", $"{format} is not a date format with year, month and day.", "Write for example MM/dd/yyyy: MM is the month, dd the day, yyyy the year.");
            }
        }

        foreach (var (format, text) in texts)
        {
            foreach (var other in texts.Keys)
            {
                if (string.CompareOrdinal(format, other) < 0
                    && DateOnly.TryParseExact(text, other, CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
                    && day != SampleDay)
                {
                    section.Fail("formats", $"{format} and {other} read the same text as different days.", "Keep the one that the source uses; the hub does not guess.");
                }
            }
        }
    }

    private static string? TryWriteSample(string format)
    {
        try
        {
            var text = SampleDay.ToString(format, CultureInfo.InvariantCulture);
            return DateOnly.TryParseExact(text, format, CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && day == SampleDay ? text : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static IReadOnlyList<string> WordsOr(IReadOnlyList<string> words, string[] fallback) => words.Count > 0 ? words : fallback;
}
