dagster project scaffold --name my_project
cd my_project
