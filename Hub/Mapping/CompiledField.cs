using System.Buffers;
using System.Collections.Frozen;
using System.Text;
using System.Text.Json;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Identity;

namespace IntegrationHub.Hub.Mapping;

/// <summary>One vendor field, ready to be filled.</summary>
internal sealed class CompiledField
{
    private const int StackChars = 256;

    private readonly MappedType _type;
    private readonly TextTransform[] _transforms;
    private readonly string[] _nullWords;
    private readonly string[] _trueWords;
    private readonly string[] _falseWords;
    private readonly FrozenDictionary<string, FieldValue>? _values;
    private readonly bool _emailAsciiOnly;
    private readonly DayText _days;
    private readonly InstantText _instants;
    private readonly char _decimalSign;
    private readonly string? _defaultCountry;
    private readonly MappingIssue[] _issues;
    private readonly char? _addsWith;
    private readonly string _elementSeparator;

    public CompiledField(FieldMapping field, FieldDecision policy, bool emailAsciiOnly, string? defaultCountry, DateTimeOffset? at, char? addsWith)
    {
        Name = field.To;
        Handling = policy.Handling;
        IsWithheld = policy.IsWithheld;
        HashedName = ContentHasher.NameOf(field.To);
        OnNull = field.OnNull;
        OnError = field.OnError;
        _type = field.Type;
        _transforms = [.. field.Transforms];
        _nullWords = [.. field.NullWords.Select(ComposedText.Of)];
        _days = new DayText(field);
        _instants = new InstantText(field);
        Fallback = field.Constant ?? field.Default;
        Cleared = FieldAddress.Of(field.To).Element is null ? FieldValue.Null : FieldValue.Of(false);
        IsOver = at is { } now && field.IsOver(now);
        OnlyPutsIn = field.Mutability == FieldMutability.AppendOnly && !field.IsAddedTo;
        (IsAddedTo, _addsWith, _elementSeparator) = (field.IsAddedTo, addsWith, field.ElementSeparator);
        _decimalSign = field.Decimal == DecimalSign.Comma ? ',' : '.';
        _trueWords = [.. field.TrueWords.Select(ComposedText.Of)];
        _falseWords = [.. field.FalseWords.Select(ComposedText.Of)];
        _values = field.Values?.ToFrozenDictionary(static v => ComposedText.Of(v.Key), static v => FieldValue.Of(v.Value), StringComparer.Ordinal);
        _emailAsciiOnly = emailAsciiOnly;
        _defaultCountry = field.DefaultCountry ?? defaultCountry;
        _issues = new MappingIssue[MappingFailures.Count];
        for (var failure = MappingFailure.Missing; (int)failure < MappingFailures.Count; failure++)
        {
            _issues[(int)failure] = new MappingIssue(MappingFailures.CodeOf(failure), Name);
        }
    }

    /// <summary>The vendor's field.</summary>
    public string Name { get; }

    /// <summary>The name as <see cref="ContentHasher"/> takes it.</summary>
    public byte[] HashedName { get; }

    /// <summary>What policy makes of it.</summary>
    public FieldHandling Handling { get; }

    /// <summary>True when it is not sent because policy decides nothing.</summary>
    public bool IsWithheld { get; }

    /// <summary>The value of whoever has none; null for none.</summary>
    public FieldValue? Fallback { get; }

    /// <summary>The value of whoever has none where the field is cleared: an element of a list is then not in it.</summary>
    public FieldValue Cleared { get; }

    /// <summary>True once its last day is over: it counts, and is not written.</summary>
    public bool IsOver { get; }

    /// <summary>True of an element that is put into its list and never taken out: false sends nothing.</summary>
    public bool OnlyPutsIn { get; }

    /// <summary>True when its elements are added to those that the vendor has.</summary>
    public bool IsAddedTo { get; }

    /// <summary>What the vendor gets of a value to be added; null when there is nothing to add, and where the vendor cannot, which would put it in the place of what is there.</summary>
    public string? Added(in FieldValue value) => _addsWith is { } sign && value.Kind == FieldKind.Text ? AddedText.Of(value.Text, _elementSeparator, sign, Handling == FieldHandling.Hash) : null;

    /// <summary>What an absent value does.</summary>
    public NullRule OnNull { get; }

    /// <summary>What a value that cannot be turned does.</summary>
    public ErrorRule OnError { get; }

    /// <summary>The issue that a failure of this field is.</summary>
    public MappingIssue IssueOf(MappingFailure failure) => _issues[(int)failure];

    /// <summary>Turns what was kept of a source.</summary>
    public MappingFailure Convert(SourceText source, out FieldValue value) => source.Kind switch
    {
        JsonValueKind.Number => ConvertNumber(source.Text, out value),
        JsonValueKind.True or JsonValueKind.False => Convert(source.Kind == JsonValueKind.True, out value),
        _ => Convert(source.Text, out value),
    };

    /// <summary>Turns a truth value that was no text.</summary>
    public MappingFailure Convert(bool source, out FieldValue value)
    {
        if (_type == MappedType.Boolean)
        {
            value = FieldValue.Of(source);
            return MappingFailure.None;
        }

        return Convert(source ? "true" : "false", out value);
    }

    /// <summary>Turns a number in its JSON spelling: it needs no reading of money, and its decimal sign is JSON's.</summary>
    public MappingFailure ConvertNumber(ReadOnlySpan<char> source, out FieldValue value) => _type switch
    {
        MappedType.Number => ConvertNumber(source, '.', out value),
        MappedType.Integer => ConvertInteger(source, '.', out value),
        _ => Convert(source, out value),
    };

    /// <summary>Turns a phone number whose country stands beside it.</summary>
    /// <param name="source">The number, or null for none.</param>
    /// <param name="country">The country's code; blank when the person has none.</param>
    /// <param name="value">The number as E.164.</param>
    public MappingFailure ConvertPhone(string? source, string? country, out FieldValue value)
    {
        value = default;
        var text = InvisibleText.Trim(source);
        if (text.IsEmpty || IsNullWord(text))
        {
            return MappingFailure.Missing;
        }

        return ConvertPhone(text, string.IsNullOrWhiteSpace(country) ? _defaultCountry : CountryCode.Of(country), out value);
    }

    /// <summary>Turns a text.</summary>
    public MappingFailure Convert(ReadOnlySpan<char> source, out FieldValue value)
    {
        value = default;
        var trimmed = InvisibleText.Trim(source);
        if (trimmed.IsEmpty || IsNullWord(trimmed))
        {
            return MappingFailure.Missing;
        }

        if (_type != MappedType.Text)
        {
            source = trimmed;
        }

        if (_transforms.Length == 0)
        {
            return ConvertTransformed(source, out value);
        }

        char[]? rented = null;
        var buffer = source.Length <= StackChars ? stackalloc char[StackChars] : rented = ArrayPool<char>.Shared.Rent(source.Length);
        source.CopyTo(buffer);
        try
        {
            return Transform(buffer[..source.Length], out var transformed)
                ? ConvertTransformed(transformed, out value)
                : MappingFailure.NumberMalformed;
        }
        finally
        {
            if (rented is not null)
            {
                ArrayPool<char>.Shared.Return(rented, clearArray: true);
            }
        }
    }

    private bool Transform(Span<char> text, out Span<char> transformed)
    {
        transformed = text;
        foreach (var transform in _transforms)
        {
            switch (transform)
            {
                case TextTransform.Trim:
                    var trimmed = InvisibleText.Trim(transformed);
                    transformed = ((ReadOnlySpan<char>)transformed).Overlaps(trimmed, out var start) ? transformed.Slice(start, trimmed.Length) : [];
                    break;
                case TextTransform.Lower:
                    foreach (ref var c in transformed)
                    {
                        c = NameCase.Lower(c);
                    }

                    break;
                case TextTransform.Upper:
                    foreach (ref var c in transformed)
                    {
                        c = NameCase.Upper(c);
                    }

                    break;
                case TextTransform.TitleCase:
                    NameCase.Apply(transformed);
                    break;
                case TextTransform.Money:
                    if (!MoneyText.TryStrip(transformed, _decimalSign, out transformed))
                    {
                        return false;
                    }

                    break;
            }
        }

        return true;
    }

    private MappingFailure ConvertTransformed(ReadOnlySpan<char> text, out FieldValue value)
    {
        value = default;
        switch (_type)
        {
            case MappedType.Text:
                return ConvertText(text, out value);
            case MappedType.Email:
                return ConvertEmail(text, out value);
            case MappedType.Phone:
                return ConvertPhone(text, _defaultCountry, out value);
            case MappedType.Number:
                return ConvertNumber(text, _decimalSign, out value);
            case MappedType.Integer:
                return ConvertInteger(text, _decimalSign, out value);
            case MappedType.Boolean:
                var isTrue = Contains(_trueWords, text, StringComparison.OrdinalIgnoreCase);
                if (!isTrue && !Contains(_falseWords, text, StringComparison.OrdinalIgnoreCase))
                {
                    return MappingFailure.BooleanMalformed;
                }

                value = FieldValue.Of(isTrue);
                return MappingFailure.None;
            case MappedType.Datetime:
                var unread = _instants.Read(text, out var instant);
                value = FieldValue.Of(instant);
                return unread;
            default:
                var failure = _days.Read(text, out var day);
                value = FieldValue.Of(day);
                return failure;
        }
    }

    private static MappingFailure ConvertNumber(ReadOnlySpan<char> text, char decimalSign, out FieldValue value)
    {
        var isNumber = NumberText.TryRead(text, decimalSign, out var number);
        value = FieldValue.Of(number);
        return isNumber ? MappingFailure.None : MappingFailure.NumberMalformed;
    }

    /// <summary>A whole number, also one that a system wrote with an empty fraction (<c>2.0</c>); within 64 bits, as vendors keep it.</summary>
    private static MappingFailure ConvertInteger(ReadOnlySpan<char> text, char decimalSign, out FieldValue value)
    {
        var isInteger = NumberText.TryRead(text, decimalSign, out var number) && number == decimal.Truncate(number) && number is >= long.MinValue and <= long.MaxValue;
        value = FieldValue.Of(decimal.Truncate(number));
        return isInteger ? MappingFailure.None : MappingFailure.IntegerMalformed;
    }

    private MappingFailure ConvertText(ReadOnlySpan<char> text, out FieldValue value)
    {
        if (_values is null)
        {
            value = FieldValue.Of(text.ToString());
            return MappingFailure.None;
        }

        var words = _values.GetAlternateLookup<ReadOnlySpan<char>>();
        return words.TryGetValue(text, out value) || words.TryGetValue(Word(InvisibleText.Trim(text)), out value)
            ? MappingFailure.None
            : MappingFailure.ValueNotMapped;
    }

    private MappingFailure ConvertEmail(ReadOnlySpan<char> text, out FieldValue value)
    {
        value = default;
        if (NormalKey.OfEmail(text.ToString()) is not { } address)
        {
            return MappingFailure.Missing;
        }

        var failure = EmailAddress.Check(address, _emailAsciiOnly);
        if (failure == MappingFailure.None)
        {
            value = FieldValue.Of(address);
        }

        return failure;
    }

    private static MappingFailure ConvertPhone(ReadOnlySpan<char> text, string? country, out FieldValue value)
    {
        var failure = PhoneNumber.ToE164(text, country, out var number);
        value = FieldValue.Of(number);
        return failure;
    }

    /// <summary>A text without white space at its ends; empty when it means that there is no value.</summary>
    public ReadOnlySpan<char> ValueIn(string? text) => InvisibleText.Trim(text) is var trimmed && IsNullWord(trimmed) ? [] : trimmed;

    private bool IsNullWord(ReadOnlySpan<char> text) => Contains(_nullWords, text, StringComparison.Ordinal);

    private static bool Contains(string[] words, ReadOnlySpan<char> text, StringComparison spelling)
    {
        if (words.Length == 0)
        {
            return false;
        }

        text = Word(text);
        foreach (var word in words)
        {
            if (text.Equals(word, spelling))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A text as words are listed: composed.</summary>
    private static ReadOnlySpan<char> Word(ReadOnlySpan<char> text) => Ascii.IsValid(text) ? text : ComposedText.Of(text.ToString());
}
