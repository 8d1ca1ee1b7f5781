namespace IntegrationHub.Hub.Runs;

/// <summary>A step of a run that needs the vendor.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Name">Name of its command.</param>
/// <param name="Destination">Name of the destination.</param>
/// <param name="Audience">Key of the audience that it is about.</param>
internal readonly record struct VendorStep(Guid RunId, string Name, string Destination, string Audience)
{
    /// <summary>Lane of the run, which says of what kind it is.</summary>
    public string Lane { get; init; } = Storage.Deliveries.Lane.Bulk;
}
