using System.Reflection;
using System.Security.Cryptography;

namespace IntegrationHub.Hub;

/// <summary>
/// One running hub among all that share a database. Its name is unlike any other's, whatever machine names, process ids and addresses two containers may
/// share: leases, quota and logs tell instances apart by it.
/// </summary>
internal sealed class HubInstance
{
    private const int RandomBytes = 16;

    /// <param name="name">The name.</param>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public HubInstance(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        Name = name;
    }

    /// <summary>The name: for people the machine and the process, for uniqueness 128 random bits.</summary>
    public string Name { get; }

    /// <summary>The program's version.</summary>
    public static string Version { get; } = typeof(HubInstance).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0";

    /// <summary>Names an instance that starts.</summary>
    public static HubInstance Create() =>
        new($"{Environment.MachineName}-{Environment.ProcessId}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(RandomBytes))}");
}
