namespace IntegrationHub.Hub.Demo;

/// <summary>The files of the sample job; the ones beside the program unless told otherwise.</summary>
/// <param name="Customers">Customers, the snapshot of the audience.</param>
/// <param name="Preferences">Contact preferences, or null for none.</param>
/// <param name="Phones">Phone numbers, or null for none.</param>
internal sealed record SampleFiles(string Customers, string? Preferences, string? Phones)
{
    private static string Shipped(string name) => Path.Combine(AppContext.BaseDirectory, "Samples", "data", name);

    /// <summary>Takes given paths, else the shipped files; with given customers nothing shipped is mixed in.</summary>
    public static SampleFiles From(string? customers, string? preferences, string? phones) => new(
        customers ?? Shipped("customers.csv"),
        preferences ?? (customers is null ? Shipped("email_promotion.csv") : null),
        phones ?? (customers is null ? Shipped("phones.csv") : null));

    /// <summary>The first path that leads to no file, or null.</summary>
    public string? FindMissing() => new[] { Customers, Preferences, Phones }.FirstOrDefault(path => path is not null && !File.Exists(path));
}
