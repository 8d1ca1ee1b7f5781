using System.Buffers;
using System.Collections.Frozen;
using System.Globalization;
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
    private readonly string[] _formats;
    private readonly string[] _trueWords;
    private readonly string[] _falseWords;
    private readonly FrozenDictionary<string, FieldValue>? _values;
    private readonly bool _emailAsciiOnly;
    private readonly bool _hasDefaultCountry;
    private readonly MappingIssue[] _issues;

    public CompiledField(FieldMapping field, bool emailAsciiOnly)
    {
        Name = field.To;
        HashedName = ContentHasher.NameOf(field.To);
        OnNull = field.OnNull;
        OnError = field.OnError;
        _type = field.Type;
        _transforms = [.. field.Transforms];
        _nullWords = [.. field.NullWords];
        _formats = [.. field.Formats];
        _trueWords = [.. field.TrueWords];
        _falseWords = [.. field.FalseWords];
        _values = field.Values?.ToFrozenDictionary(static v => v.Key, static v => FieldValue.Of(v.Value), StringComparer.Ordinal);
        _emailAsciiOnly = emailAsciiOnly;
        _hasDefaultCountry = field.DefaultCountry is not null;
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

    /// <summary>What an absent value does.</summary>
    public NullRule OnNull { get; }

    /// <summary>What a value that cannot be turned does.</summary>
    public ErrorRule OnError { get; }

    /// <summary>The issue that a failure of this field is.</summary>
    public MappingIssue IssueOf(MappingFailure failure) => _issues[(int)failure];

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

    /// <summary>Turns a text, or a number in its JSON spelling.</summary>
    public MappingFailure Convert(ReadOnlySpan<char> source, out FieldValue value)
    {
        value = default;
        var trimmed = source.Trim();
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
                    transformed = transformed.Trim();
                    break;
                case TextTransform.Lower:
                    foreach (ref var c in transformed)
                    {
                        c = char.ToLowerInvariant(c);
                    }

                    break;
                case TextTransform.Upper:
                    foreach (ref var c in transformed)
                    {
                        c = char.ToUpperInvariant(c);
                    }

                    break;
                case TextTransform.TitleCase:
                    NameCase.Apply(transformed);
                    break;
                case TextTransform.Money:
                    if (!MoneyText.TryStrip(transformed, out transformed))
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
                return ConvertPhone(text, out value);
            case MappedType.Number:
                if (!decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var number))
                {
                    return MappingFailure.NumberMalformed;
                }

                value = FieldValue.Of(number);
                return MappingFailure.None;
            case MappedType.Integer:
                if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var integer))
                {
                    return MappingFailure.IntegerMalformed;
                }

                value = FieldValue.Of((decimal)integer);
                return MappingFailure.None;
            case MappedType.Boolean:
                var isTrue = Contains(_trueWords, text);
                if (!isTrue && !Contains(_falseWords, text))
                {
                    return MappingFailure.BooleanMalformed;
                }

                value = FieldValue.Of(isTrue);
                return MappingFailure.None;
            default:
                if (!DateOnly.TryParseExact(text, _formats, CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
                {
                    return MappingFailure.DateMalformed;
                }

                value = FieldValue.Of(day);
                return MappingFailure.None;
        }
    }

    private MappingFailure ConvertText(ReadOnlySpan<char> text, out FieldValue value)
    {
        if (_values is null)
        {
            value = FieldValue.Of(text.ToString());
            return MappingFailure.None;
        }

        return _values.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(text, out value)
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

    private MappingFailure ConvertPhone(ReadOnlySpan<char> text, out FieldValue value)
    {
        Span<char> number = stackalloc char[PhoneNumber.MaxLength];
        var failure = PhoneNumber.ToE164(text, _hasDefaultCountry, number, out var length);
        value = failure == MappingFailure.None ? FieldValue.Of(number[..length].ToString()) : default;
        return failure;
    }

    private bool IsNullWord(ReadOnlySpan<char> text)
    {
        foreach (var word in _nullWords)
        {
            if (text.SequenceEqual(word))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Contains(string[] words, ReadOnlySpan<char> text)
    {
        foreach (var word in words)
        {
            if (text.Equals(word, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
