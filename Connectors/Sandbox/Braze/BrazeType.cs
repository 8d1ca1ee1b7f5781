namespace IntegrationHub.Connectors.Sandbox.Braze;

/// <summary>Type that a custom attribute is forced to.</summary>
public enum BrazeType
{
    /// <summary>Text.</summary>
    Text,

    /// <summary>A number.</summary>
    Number,

    /// <summary>True or false.</summary>
    Boolean,

    /// <summary>A time.</summary>
    Time,

    /// <summary>A list of plain values.</summary>
    Array,

    /// <summary>Named values.</summary>
    Object,

    /// <summary>A list of objects.</summary>
    ObjectArray,
}
