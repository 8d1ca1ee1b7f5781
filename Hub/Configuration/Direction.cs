namespace IntegrationHub.Hub.Configuration;

/// <summary>Which way an attribute goes between the hub and a destination.</summary>
internal enum Direction
{
    /// <summary>What the vendor states counts, and the hub never writes it there.</summary>
    In,

    /// <summary>The hub writes it, and what the vendor states is not taken.</summary>
    Out,

    /// <summary>It is taken, and written.</summary>
    Both,
}
