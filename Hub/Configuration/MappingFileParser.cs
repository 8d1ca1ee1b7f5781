using System.Globalization;
using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Hub.Configuration;

/// <summary>Reads <c>mappings/*.yaml</c>.</summary>
internal static class MappingFileParser
{
    private static readonly string[] DefaultTrueWords = ["true"];
    private static readonly string[] DefaultFalseWords = ["false"];

    private const string DayFormat = "yyyy-MM-dd";
    private static readonly string[] _notOfConstants = ["from", "default", "null_words", "country_from", "on_null"];
    private static readonly string[] _ofSeveral = ["combine", "separator"];

    // April 8th: month first and day first read it differently.
    private static readonly DateOnly SampleDay = new(1966, 4, 8);
    private static readonly TimeOnly SampleTime = new(9, 10, 11);

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

            FieldPart.CheckBeside(section, field.To, fields.Select(static f => f.To));
            fields.Add(field);
        }

        root.RejectUnknownKeys();
        foreach (var unread in eventAttributes.Where(name => !fields.Exists(f => f.Reads.Contains(name))))
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
        var from = section.TextOrTexts("from", required: !section.Has("constant"));
        var to = FieldPart.ParseName(section);
        var type = section.Choice<MappedType>("type", required: true);
        var constant = Value(section, "constant", type);
        var transforms = section.Choices<TextTransform>("transforms");
        var field = new FieldMapping
        {
            From = from.Count > 0 ? from[0] : "",
            Beside = [.. from.Skip(1)],
            Combine = section.Choice<Combination>("combine", required: from.Count > 1) ?? Combination.First,
            Separator = section.Text("separator") ?? "",
            Constant = constant,
            Default = Value(section, "default", type),
            Zone = TimeZoneName.Parse(section, "time_zone"),
            Until = Day(section, "until"),
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
        foreach (var name in from.Where(name => !ConfigurationNames.IsName(name)))
        {
            section.Fail("from", $"{name} is not a good name of an attribute.", ConfigurationNames.Rule);
        }

        CheckSources(section, field);
        FieldMutabilityCheck.Check(section, field);
        if (type is not null)
        {
            CheckKeysFitType(section, field);
            CheckFormats(section, field);
        }

        return (from.Count == 0 && constant is null) || to is null || type is null ? null : field;
    }

    private static void CheckSources(YamlSection section, FieldMapping field)
    {
        if (field.Constant is not null)
        {
            foreach (var key in _notOfConstants.Where(section.Has))
            {
                section.Fail(key, $"{key} stands beside constant, which is the same for everybody.", $"Remove {key}, or constant.");
            }
        }

        if (field.Beside.Count == 0)
        {
            foreach (var key in _ofSeveral.Where(section.Has))
            {
                section.Fail(key, $"{key} says what becomes of several sources, and from names {(field.Constant is null ? "one" : "none")}.", $"Write from: [a, b], or remove {key}.");
            }
        }
        else if (section.Has("separator") && field.Combine != Combination.Concat)
        {
            section.Fail("separator", "separator stands between texts that are joined, and combine is first.", "Write combine: concat, or remove separator.");
        }

        if (field.Sources.GroupBy(static name => name, StringComparer.Ordinal).FirstOrDefault(static named => named.Count() > 1) is { } twice)
        {
            section.Fail("from", $"from names {twice.Key} twice.", "Name it once.");
        }
    }

    private static DateOnly? Day(YamlSection section, string key)
    {
        if (section.Text(key) is not { } text)
        {
            return null;
        }

        if (DateOnly.TryParseExact(text, DayFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
        {
            return day;
        }

        section.Fail(key, $"{section.PathOf(key)} cannot be {text}.", "Write the last day as year, month and day, such as 2027-03-31.");
        return null;
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
        AllowOnly(section, "formats", field.Type, MappedType.Date, MappedType.Datetime);
        AllowOnly(section, "two_digit_years_to", field.Type, MappedType.Date);
        AllowOnly(section, "time_zone", field.Type, MappedType.Date, MappedType.Datetime);
        AllowOnly(section, "decimal", field.Type, MappedType.Number, MappedType.Integer);
        AllowOnly(section, "element", field.Type, MappedType.Boolean);
        AllowOnly(section, "true_words", field.Type, MappedType.Boolean);
        AllowOnly(section, "false_words", field.Type, MappedType.Boolean);
        AllowOnly(section, "default_country", field.Type, MappedType.Phone);
        AllowOnly(section, "country_from", field.Type, MappedType.Phone);
        if (field is { Combine: Combination.Concat, Type: not MappedType.Text })
        {
            section.Fail("combine", $"concat does not fit type {field.Type.ToString().ToLowerInvariant()}.", "Write type: text, or combine: first.");
        }

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

    /// <summary>A value as the vendor gets it: nothing is turned, so that what is said of everybody cannot go wrong for anybody.</summary>
    private static FieldValue? Value(YamlSection section, string key, MappedType? type)
    {
        if (section.Text(key) is not { } word)
        {
            return null;
        }

        FieldValue? value = type switch
        {
            MappedType.Text => FieldValue.Of(word),
            MappedType.Number => decimal.TryParse(word, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) ? FieldValue.Of(number) : null,
            MappedType.Integer => long.TryParse(word, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) ? FieldValue.Of((decimal)whole) : null,
            MappedType.Boolean => word is "true" or "false" ? FieldValue.Of(word == "true") : null,
            MappedType.Date => DateOnly.TryParseExact(word, DayFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? FieldValue.Of(day) : null,
            MappedType.Datetime => DateTimeOffset.TryParseExact(word.Replace("Z", "+00:00", StringComparison.Ordinal), "yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture, DateTimeStyles.None, out var moment) ? FieldValue.Of(moment) : null,
            _ => null,
        };
        if (value is null && type is { } wanted)
        {
            section.Fail(key, $"{section.PathOf(key)} cannot be {word}.", wanted switch
            {
                MappedType.Email or MappedType.Phone => $"Leave {key} out: many people would have one {wanted.ToString().ToLowerInvariant()}.",
                MappedType.Boolean => "Write true or false.",
                MappedType.Date => "Write year, month and day, such as 2027-03-31.",
                MappedType.Datetime => "Write a time with its offset, such as 2027-03-31T10:30:00Z.",
                MappedType.Integer => "Write a whole number.",
                _ => "Write a number, with a point before its fraction.",
            });
        }

        return value;
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
        if (field.Type is not (MappedType.Date or MappedType.Datetime))
        {
            return;
        }

        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var format in field.Formats)
        {
            if (TryWriteSample(format, field.Type) is { } text)
            {
                texts[format] = text;
                if (!text.Contains("1966", StringComparison.Ordinal) && !section.Has("two_digit_years_to"))
                {
                    section.Fail("formats", $"{format} has a year of two digits, which may be meant of two centuries.", "Write the last year that it may mean, for example two_digit_years_to: 2026, or let the source write four digits.");
                }
            }
            else
            {
                section.Fail("formats", $"{format} is not a date format with year, month and day.", $"Write for example MM/dd/yyyy{(field.Type == MappedType.Datetime ? " HH:mm" : "")}: MM is the month, dd the day, yyyy the year{(field.Type == MappedType.Datetime ? ", HH the hour, mm the minute" : "")}.");
            }
        }

        foreach (var (format, text) in texts)
        {
            foreach (var other in texts.Keys)
            {
                if (string.CompareOrdinal(format, other) < 0
                    && ReadSample(text, other, field.Type) is { } day
                    && day != SampleDay)
                {
                    section.Fail("formats", $"{format} and {other} read the same text as different days.", "Keep the one that the source uses; the hub does not guess.");
                }
            }
        }
    }

    private static string? TryWriteSample(string format, MappedType type)
    {
        try
        {
            var text = type == MappedType.Date ? SampleDay.ToString(format, CultureInfo.InvariantCulture) : new DateTimeOffset(SampleDay, SampleTime, TimeSpan.Zero).ToString(format, CultureInfo.InvariantCulture);
            return ReadSample(text, format, type) == SampleDay ? text : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static DateOnly? ReadSample(string text, string format, MappedType type) => type == MappedType.Date
        ? DateOnly.TryParseExact(text, format, CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null
        : DateTimeOffset.TryParseExact(text, format, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var moment) ? DateOnly.FromDateTime(moment.DateTime) : null;

    private static IReadOnlyList<string> WordsOr(IReadOnlyList<string> words, string[] fallback) => words.Count > 0 ? words : fallback;
}
