using System.Globalization;

namespace IntegrationHub.Connectors.Abstractions;

/// <summary>The type of a <see cref="FieldValue"/>.</summary>
public enum FieldKind : byte
{
    /// <summary>Clear the field at the vendor.</summary>
    Null,

    /// <summary>Text.</summary>
    Text,

    /// <summary>A decimal number.</summary>
    Number,

    /// <summary>True or false.</summary>
    Boolean,

    /// <summary>A calendar day without a time zone.</summary>
    Date,

    /// <summary>An instant, UTC.</summary>
    Instant,
}

/// <summary>A mapped value on its way to a vendor; the connector writes it in the vendor's own spelling. Contains personal data: never log it.</summary>
public readonly struct FieldValue : IEquatable<FieldValue>
{
    private readonly string? _text;
    private readonly decimal _number;

    private FieldValue(FieldKind kind, string? text, decimal number)
    {
        Kind = kind;
        _text = text;
        _number = number;
    }

    /// <summary>Which of the accessors may be used.</summary>
    public FieldKind Kind { get; }

    /// <summary>Clears the field.</summary>
    public static FieldValue Null => default;

    /// <summary>A text value.</summary>
    public static FieldValue Of(string text) => new(FieldKind.Text, text, 0);

    /// <summary>A number.</summary>
    public static FieldValue Of(decimal number) => new(FieldKind.Number, null, number);

    /// <summary>A truth value.</summary>
    public static FieldValue Of(bool value) => new(FieldKind.Boolean, null, value ? 1 : 0);

    /// <summary>A calendar day.</summary>
    public static FieldValue Of(DateOnly day) => new(FieldKind.Date, null, day.DayNumber);

    /// <summary>An instant; kept in UTC.</summary>
    public static FieldValue Of(DateTimeOffset instant) => new(FieldKind.Instant, null, instant.UtcTicks);

    /// <summary>The text of a <see cref="FieldKind.Text"/>.</summary>
    public string Text => _text ?? throw new InvalidOperationException($"A {Kind} value has no text.");

    /// <summary>The number of a <see cref="FieldKind.Number"/>.</summary>
    public decimal Number => _number;

    /// <summary>The value of a <see cref="FieldKind.Boolean"/>.</summary>
    public bool Boolean => _number != 0;

    /// <summary>The day of a <see cref="FieldKind.Date"/>.</summary>
    public DateOnly Date => DateOnly.FromDayNumber((int)_number);

    /// <summary>The instant of a <see cref="FieldKind.Instant"/>.</summary>
    public DateTimeOffset Instant => new((long)_number, TimeSpan.Zero);

    /// <summary>The canonical spelling: ISO 8601 days and instants, invariant numbers, <c>true</c> and <c>false</c>, empty for null.</summary>
    public override string ToString() => Kind switch
    {
        FieldKind.Text => _text!,
        FieldKind.Number => _number.ToString(CultureInfo.InvariantCulture),
        FieldKind.Boolean => Boolean ? "true" : "false",
        FieldKind.Date => Date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        FieldKind.Instant => Instant.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture),
        _ => "",
    };

    /// <inheritdoc />
    public bool Equals(FieldValue other) => Kind == other.Kind && _number == other._number && string.Equals(_text, other._text, StringComparison.Ordinal);

    /// <inheritdoc />
    public override bool Equals(object? obj) => obj is FieldValue other && Equals(other);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Kind, _text, _number);

    /// <summary>Equality of kind and value.</summary>
    public static bool operator ==(FieldValue left, FieldValue right) => left.Equals(right);

    /// <summary>Inequality of kind or value.</summary>
    public static bool operator !=(FieldValue left, FieldValue right) => !left.Equals(right);
}

/// <summary>A vendor field and its value.</summary>
/// <param name="Name">The vendor's field name, exactly as the vendor spells it.</param>
/// <param name="Value">The value to set.</param>
public readonly record struct Field(string Name, FieldValue Value);
