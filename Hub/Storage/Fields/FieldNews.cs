namespace IntegrationHub.Storage.Fields;

/// <summary>What a look at a vendor's fields found.</summary>
/// <param name="IsFirst">True when none was known before.</param>
/// <param name="Added">Fields that were not known, or were gone.</param>
/// <param name="Changed">Fields that are otherwise than they were.</param>
/// <param name="Gone">Fields that are not there any more.</param>
public sealed record FieldNews(bool IsFirst, int Added, int Changed, int Gone);
